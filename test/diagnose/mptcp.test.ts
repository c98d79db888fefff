import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { why } from '../../src/api/why.ts';
import { subflowsAmong } from '../../src/diagnose/mptcp.ts';
import { messageOf } from '../../src/errors.ts';
import { IPPROTO_MPTCP, libc, SOCK_STREAM } from '../../src/native/libc.ts';
import { AF_INET } from '../../src/native/sockaddr.ts';
import { closeDescriptor } from '../../src/native/socket.ts';
import type { Row } from '../../src/observe/row.ts';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { plain } from '../../src/report/paint.ts';
import { whyText } from '../../src/report/why/why.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Actor } from '../support/actor.ts';
import { missing, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

/** Why this machine has no sockets of MPTCP, or null: a kernel without it, or net.mptcp.enabled=0. */
function whyNoMptcp(): string | null {
  try {
    closeDescriptor(libc.socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
    return null;
  } catch (error) {
    return `MPTCP: ${messageOf(error)}`;
  }
}

async function answerAbout(port: number): Promise<WhyDocument> {
  const answer = await why(port);
  if (answer.type !== 'port') throw new Error(`not about a port: ${answer.type}`);
  return answer;
}

function textOf(document: WhyDocument): string {
  return whyText(document, { describeErrno: (errno) => errno, paint: plain, detail: 'everything' })
    .join(' ')
    .replace(/\s+/g, ' ');
}

/** Connects two processes by MPTCP, and gives the port. */
async function connect(server: Actor, client: Actor): Promise<number> {
  const opening = 's = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)';
  const bound = `s.bind(('127.0.0.1', 0)); s.listen(); r = s.getsockname()[1]`;
  const port = (await server.does(`${opening}; ${bound}`)) as number;
  // The first answer of the server shows its client that both speak MPTCP.
  const accepting = server.does(`c, _ = s.accept(); c.send(b'x')`);
  await client.does(`${opening}; s.connect(('127.0.0.1', ${port})); s.recv(1)`);
  await accepting;
  return port;
}

describe('the server of an MPTCP connection is killed, and the client stays', unless(whyNoMptcp()), () => {
  const server = new Actor();
  const client = new Actor();
  let port = 0;
  let live: WhyDocument;
  let left: WhyDocument;

  beforeAll(async () => {
    port = await connect(server, client);
    live = await answerAbout(port);
    await server.end();
    await client.does('s.recv(1)');
    left = await answerAbout(port);
  });
  afterAll(async () => {
    await server.end();
    await client.end();
  });

  test('while it lives, listener and connection are named as those of MPTCP', () => {
    expect(live.holders).toMatchObject([
      { kind: 'listener', mptcp: 'listener', pids: [server.pid] },
      { kind: 'connection', mptcp: 'connection', pids: [server.pid] },
    ]);
    expect(textOf(live)).toMatch(/LISTEN 127\.0\.0\.1:\d+ MPTCP/);
  });

  test('then only the kernel has it, until a time that the kernel reports', () => {
    expect(left).toMatchObject({ verdict: 'held', unseen: [] });
    expect(left.holders).toMatchObject([
      { kind: 'connection', state: 'ESTABLISHED', mptcp: 'left', owner: 'none', waitingFor: null },
    ]);
    expect(left.freeInMs).toBeGreaterThan(0);
    expect(left.freeInMs).toBe(left.holders[0]?.leftMs);
    const text = textOf(left);
    expect(text).toContain('no process: held by the kernel until the other side closes');
    expect(text).toContain('net.mptcp.close_timeout');
    expect(text).not.toMatch(/container|will not free itself|you may not inspect/);
  });

  test('the command that ends it names only this connection', () => {
    const [remote] = left.holders[0]?.remotes ?? [];
    expect(left.steps.map(({ command }) => command).join('\n')).toContain(
      `ss -K -t state established 'sport = :${port} and ( dst 127.0.0.1:${remote?.port} )'`,
    );
  });

  test('a client that closes ends it, and leaves TIME_WAIT', async () => {
    await client.end();
    await until('TIME_WAIT', async () => (await answerAbout(port)).holders[0]?.state === 'TIME_WAIT');
    expect((await answerAbout(port)).holders).toMatchObject([{ mptcp: null, owner: 'none' }]);
  });
});

const cannotDestroy = noRoot ?? missing('ss') ?? (await whyUnmet('socket destruction'));

test('the command that ends it frees the port', unless(whyNoMptcp() ?? cannotDestroy), async () => {
  const [server, client] = [new Actor(), new Actor()];
  try {
    const port = await connect(server, client);
    await server.end();
    await client.does('s.recv(1)');
    const commands = (await answerAbout(port)).steps.map(({ command }) => command ?? '');
    execFileSync('sh', ['-c', commands.find((command) => command.includes('ss -K')) ?? 'false']);
    expect(await answerAbout(port)).toMatchObject({ verdict: 'free', holders: [] });
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
});

describe('a subflow is left', () => {
  const ends = {
    local: { address: '127.0.0.1', port: 80 },
    remote: { address: '127.0.0.1', port: 5000 },
  };
  const row: Row = {
    ...ends,
    family: 'IPv4',
    state: 'ESTABLISHED',
    receiveQueue: 0,
    sendQueue: 0,
    timer: null,
    processes: [],
    uid: 0,
    inode: 77,
    cookie: '1',
    open: null,
  };
  const ofOne = (socket: Row, parent: Row) => {
    const { sockets, subflows } = subflowsAmong([socket], [parent]);
    return {
      inode: sockets[0]?.inode,
      of: sockets.flatMap((each) => subflows.get(each)?.of ?? 'no subflow')[0],
    };
  };

  test.each<[string, Partial<Row>, Partial<Row>, ReturnType<typeof ofOne>]>([
    [
      'with the inode of the socket that was closed',
      {},
      { state: 'FIN_WAIT2', inode: 0 },
      { inode: 0, of: 'left' },
    ],
    [
      'without an inode, as before Linux 6.17',
      { inode: 0 },
      { state: 'FIN_WAIT2', inode: 0 },
      { inode: 0, of: 'left' },
    ],
    ['not while it waits to be accepted', { inode: 0 }, { inode: 0 }, { inode: 0, of: 'connection' }],
    ['not while a process that cannot be seen has it', {}, { inode: 77 }, { inode: 77, of: 'connection' }],
    [
      'not if it is one of plain TCP',
      {},
      { ...ends, remote: { address: '127.0.0.1', port: 6 } },
      { inode: 77, of: 'no subflow' },
    ],
  ])('%s', (_, socket, parent, expected) => {
    expect(ofOne({ ...row, ...socket }, { ...row, ...parent })).toEqual(expected);
  });
});
