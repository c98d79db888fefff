import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { atEnd } from '../support/at-end.ts';
import { asNobody, missing, noRoot } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import {
  bindOnly,
  closeDescriptor,
  connectionWithoutListener,
  listening,
  somePort,
  timeWait,
} from '../support/sockets.ts';

const ends = atEnd();

async function why(
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<{ document: WhyDocument; status: number | null }> {
  const { stdout, stderr, status } = await tcpclose(['why', ...args, '--json'], { prefix });
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  expect(document.advice[0] ?? '').not.toMatch(/kill -9|KILL/);
  return { document, status };
}

/** The lines that do not fit on 80 columns; commands stay in one piece, so that they can be pasted. */
function tooWide(text: string, { steps, unseen }: WhyDocument): string[] {
  const commands = [...steps, ...unseen].map(({ command }) => command);
  return text.split('\n').filter((line) => [...line].length > 80 && !commands.includes(line.trim()));
}

const bothFail = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'EADDRINUSE' };
const withItPasses = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'ok' };

describe('a free port', () => {
  test('is free, with status 0', async () => {
    const { document, status } = await why([String(somePort())]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      held: false,
      holders: [],
      bind: { withoutReuseAddress: 'ok', withReuseAddress: 'ok' },
      freeInMs: 0,
      advice: [],
    });
    expect(status).toBe(0);
  });

  test('is reported as free only once', async () => {
    const port = somePort();
    const { stdout } = await tcpclose(['why', String(port)]);
    expect(stdout).toMatch(
      new RegExp(`^${port} is free: a bind to \\[::\\]:${port} \\(IPv4 too\\) succeeds\n`),
    );
    expect(stdout.match(/free|succeeds|Nothing holds/g)).toEqual(['free', 'succeeds']);
  });

  test('is released at once: a server can bind it while why runs again and again', async () => {
    const port = String(somePort());
    await why([port]);
    const server = createServer().listen(Number(port));
    await once(server, 'listening');
    server.close();
  });
});

describe('a listener', () => {
  test.each([
    ['off', 'off'],
    ['on', 'off'],
    ['on', 'on'],
  ] as const)(
    'is shown with SO_REUSEADDR %s and SO_REUSEPORT %s as read from it',
    async (reuseAddress, reusePort) => {
      const { server, port } = await listening({ reuseAddress, reusePort });
      const { document, status } = await why([String(port)]);
      expect(document.holders).toMatchObject([
        {
          kind: 'listener',
          state: 'LISTEN',
          count: 1,
          owner: 'process',
          processes: [{ pid: process.pid }],
          reuseAddress: reuseAddress === 'on',
          reusePort: reusePort === 'on',
          leftMs: null,
        },
      ]);
      expect(document).toMatchObject({ held: true, bind: bothFail, freeInMs: null });
      expect(status).toBe(1);
      server.close();
    },
  );

  test('is shown with its parents, its user, its time and its npm script', async () => {
    const port = somePort();
    const script = `require('net').createServer().listen(${port}, () => console.log('up'))`;
    const child = spawn('sh', ['-c', `"${process.execPath}" -e "${script}" & wait`], {
      env: { ...process.env, npm_lifecycle_event: 'start', npm_package_name: 'shop' },
      detached: true,
    });
    ends.push(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
    await once(child.stdout, 'data');
    const { document } = await why([String(port)]);
    const [holder] = document.holders;
    const [held] = holder?.processes ?? [];
    expect(held?.command).toContain(`listen(${port}`);
    expect(held?.parents.map(({ pid }) => pid).slice(0, 2)).toEqual([child.pid, process.pid]);
    expect(held?.origins).toContainEqual({ kind: 'npm script', name: 'start of shop', stop: null });
    expect(Math.abs(Date.parse(held?.since ?? '') - Date.now())).toBeLessThan(60_000);
    expect(held?.user).toBe(userInfo().username);
    const { stdout } = await tcpclose(['why', String(port), '--long']);
    expect(stdout).toContain(`${port} is held by a listener`);
    expect(stdout).toContain('npm script start of shop');
    for (const language of ['Node', 'Python', 'Go', 'Java', 'C', 'nginx'])
      expect(stdout).toMatch(new RegExp(`^ +${language}: `, 'm'));
    expect(tooWide(stdout, document)).toEqual([]);
  });

  test('that a child has inherited is shown with both processes', async () => {
    const { server, port } = await listening();
    const handle = (server as unknown as { _handle: { fd: number } })._handle;
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
    ends.push(() => child.kill('SIGKILL'));
    await once(child, 'spawn');
    const { document } = await why([String(port)]);
    expect(document.holders[0]?.processes.map(({ pid }) => pid)).toEqual(
      [process.pid, child.pid ?? 0].sort((a, b) => a - b),
    );
    server.close();
  });
});

test('another address is the last remedy against a listener, and not on the first screen', async () => {
  const { server, port } = await listening();
  const { document } = await why([String(port)]);
  const { stdout } = await tcpclose(['why', String(port)]);
  server.close();
  expect(document.steps.at(-1)?.text).toBe('bind to ::1, if that is enough: this works now');
  expect(stdout).not.toContain('if that is enough');
});

describe('what is left without a listener', () => {
  test('TIME_WAIT of a server without SO_REUSEADDR blocks every bind, for as long as the kernel reports', async () => {
    const port = await timeWait();
    const { document, status } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      { kind: 'connection', state: 'TIME_WAIT', count: 1, owner: 'none', processes: [] },
    ]);
    expect(document).toMatchObject({ held: true, bind: bothFail, holders: [{ reuseAddress: false }] });
    expect(document.freeInMs).toBe(document.holders[0]?.leftMs);
    expect(document.freeInMs).toBeGreaterThan(1000);
    expect(document.freeInMs).toBeLessThanOrEqual(60_000);
    expect(status).toBe(1);
  });

  test('TIME_WAIT of a server with it lets a bind with it pass, and that is the first advice', async () => {
    const { document } = await why([String(await timeWait({ reuseAddress: 'on' }))]);
    expect(document.bind).toEqual(withItPasses);
    expect(document.holders).toMatchObject([{ state: 'TIME_WAIT', reuseAddress: true }]);
    expect(document.advice[0]).toContain('SO_REUSEADDR');
    const languages = document.advice.flatMap((text) => /^(?!wait)(\w+): /.exec(text)?.[1] ?? []);
    expect(languages).toEqual(['Node', 'Python', 'Go', 'Java', 'C', 'nginx']);
  });

  test('a connection that is still open is shown with its process', async () => {
    const { client, port } = await connectionWithoutListener();
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      { kind: 'connection', state: 'ESTABLISHED', processes: [{ pid: process.pid }], reuseAddress: false },
    ]);
    expect(document).toMatchObject({ bind: bothFail, freeInMs: null });
    client.destroy();
  });

  test('a FIN_WAIT2 without a process is shown with the time that is left', async () => {
    const { client, accepted, port } = await connectionWithoutListener();
    accepted.destroy();
    client.resume();
    await once(client, 'end');
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([{ kind: 'connection', state: 'FIN_WAIT2', owner: 'none' }]);
    expect(document.freeInMs).toBeGreaterThan(1000);

    // Its client is this process.
    const { freeInMs, freeAtLatestInMs, meaning, advice, notices } = document;
    expect((freeAtLatestInMs ?? 0) - (freeInMs ?? 0)).toBe(60_000);
    expect(meaning).toContain(` if the client, pid ${process.pid} (`);
    expect(meaning).toMatch(
      / does not close before; if it closes, TIME_WAIT holds the port for another 60 s\.$/,
    );
    expect(meaning).not.toContain('new connections');
    expect(notices).toEqual([]);
    // The step with code is for the server, whose language nothing shows any more.
    expect(document.language).toBeNull();
    expect(advice[0]).toMatch(/^wait until .*, in .+, or in up to 1 min .+ if the other side closes: /);
    expect(advice.find((text) => text.startsWith('destroy'))).not.toContain('unsent data');

    client.destroy();
    const closed = await why([String(port)]);
    expect(closed.document.holders).toMatchObject([{ state: 'TIME_WAIT' }]);
    expect(closed.document.freeAtLatestInMs).toBe(closed.document.freeInMs);
    expect(closed.document.meaning).toMatch(/ It will be free in \S+ s\.$/);
  });
});

test('a socket that is bound and does not listen is found', async () => {
  const { fd, port } = bindOnly();
  const { document, status } = await why([String(port)]);
  closeDescriptor(fd);
  expect(document).toMatchObject({ held: true, bind: bothFail });
  expect(status).toBe(1);
  // Kernels before 6.8 do not tell it: then the advice says so.
  if (document.holders.length === 0) expect(document.advice.join()).toContain('before 6.8');
  else
    expect(document.holders).toMatchObject([
      { kind: 'bound', state: 'BOUND_INACTIVE', processes: [{ pid: process.pid }], reuseAddress: false },
    ]);
});

describe("a client's outgoing connection on the port", () => {
  test('is not taken for a connection of a server', async () => {
    const { server, port: target } = await listening();
    const port = somePort();
    const client = connect({ host: '127.0.0.1', port: target, localPort: port });
    await once(client, 'connect');
    const { document } = await why([String(port)]);
    expect(document.holders).toMatchObject([
      {
        kind: 'client',
        state: 'ESTABLISHED',
        remotes: [{ address: '127.0.0.1', port: target }],
        processes: [{ pid: process.pid }],
      },
    ]);
    expect(document.held).toBe(true);
    client.destroy();
    server.close();
  });
});

describe('addresses', () => {
  test('--host asks about one address, and what is on others is not in its way', async () => {
    const { server, port } = await listening({ address: '127.0.0.1' });
    const there = await why([String(port), '--host', '127.0.0.1']);
    const beside = await why([String(port), '--host', '127.0.0.2']);
    expect([there.document.held, there.status]).toEqual([true, 1]);
    expect([beside.document.held, beside.status]).toEqual([false, 0]);
    expect(beside.document.holders).toMatchObject([{ kind: 'listener', meets: false }]);
    server.close();
  });

  test('IPv4 against IPv6: the advice names an address where a bind still succeeds', async () => {
    const { server, port } = await listening({ address: '127.0.0.1' });
    const { document } = await why([String(port)]);
    if (document.host === '::') expect(document.passesOn).toEqual(['::1']);
    server.close();
  });

  test('an address of another machine is refused in one line', async () => {
    const { stderr, status } = await tcpclose(['why', '8080', '--host', '192.0.2.1']);
    expect(stderr).toMatch(/^tcpclose: the machine has no address 192\.0\.2\.1 [^\n]*--host[^\n]*\n$/);
    expect(status).toBe(2);
  });
});

describe('--wait', () => {
  test('returns when the port can be bound', async () => {
    const { server, port } = await listening();
    let state = 'listening';
    setTimeout(() => {
      state = 'closed';
      server.close();
    }, 700);
    const { document, status } = await why([String(port), '--wait']);
    expect(state).toBe('closed');
    expect(document.held).toBe(false);
    expect(status).toBe(0);
  });

  test('gives up after its time, with status 1', async () => {
    const { server, port } = await listening();
    const { document, status } = await why([String(port), '--wait', '500ms']);
    expect(document.held).toBe(true);
    expect(document.waitedMs).toBeGreaterThanOrEqual(500);
    expect(status).toBe(1);
    server.close();
  });

  test('ends with 130 when it is interrupted', async () => {
    const { server, port } = await listening();
    // Before it listens to signals it dies of them: it is given more and more time.
    for (let ms = 100, status: number | null = null; status === null; ms *= 2) {
      const program = new Program(['why', String(port), '--wait']);
      setTimeout(() => program.child.kill('SIGINT'), ms);
      const finished = await program.finished();
      status = finished.status;
      const said = status === null ? '' : 'tcpclose: interrupted (SIGINT): there is no result\n';
      expect(finished).toMatchObject({ stdout: '', stderr: said });
      expect([130, null]).toContain(status);
    }
    server.close();
  });

  test('recognises the port after it, as the last argument', async () => {
    const { stdout, status } = await tcpclose(['why', '--wait', String(somePort())]);
    expect(stdout).toMatch(/is free/);
    expect(status).toBe(0);
  });
});

describe('as an ordinary user', unless(noRoot), () => {
  test('it reports what it could not see, and how to see it', async () => {
    const { server, port } = await listening({ reuseAddress: 'on' });
    const { document, status } = await why([String(port)], asNobody);
    expect(document.holders).toMatchObject([
      { kind: 'listener', owner: 'unseen', user: 'root', processes: [], reuseAddress: null },
    ]);
    expect(document.unseen[0]).toMatchObject({ how: expect.stringContaining('sudo') });
    expect(status).toBe(1);
    server.close();
  });

  test('a port below 1024 is free and may yet not be bound: status 1, and --wait waits', async () => {
    const { document, status } = await why(['83'], asNobody);
    expect(document).toMatchObject({
      held: false,
      verdict: 'forbidden',
      bind: { withoutReuseAddress: 'EACCES' },
      freeInMs: null,
    });
    expect(document.advice.join()).toContain('CAP_NET_BIND_SERVICE');
    expect(status).toBe(1);
    expect((await why(['83', '--wait', '300ms'], asNobody)).status).toBe(1);
    const { stdout } = await tcpclose(['why', '83'], { prefix: asNobody });
    expect(stdout).toMatch(/^83 is free, but you may not bind it\n/);
  });

  test('a port below 1024 that is held is held, though no bind can be tried', async () => {
    const { server, port } = await listening({ port: 84 });
    const { document, status } = await why([String(port)], asNobody);
    expect(document).toMatchObject({ held: true, bind: { withoutReuseAddress: 'EACCES' } });
    expect(document.notices.join()).toContain('this user could not bind it');
    expect(document.advice.join()).toContain('CAP_NET_BIND_SERVICE');
    expect(status).toBe(1);
    server.close();
  });
});

describe('on a system that hides things', unless(noRoot), () => {
  test('without /proc it still reports that the port is held', async () => {
    const { server, port } = await listening();
    const prefix = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    const { document, status } = await why([String(port)], prefix);
    expect(document).toMatchObject({ held: true, bind: bothFail });
    expect(document.holders).toMatchObject([{ kind: 'listener', owner: 'unseen' }]);
    expect(status).toBe(1);
    server.close();
  });

  test(
    'the holder in another network namespace is shown if no process has the port here',
    unless(missing('nsenter')),
    async () => {
      const port = somePort();
      const script = `require('net').createServer().listen(${port}, () => console.log('up'))`;
      const child = spawn('unshare', ['--net', process.execPath, '-e', script]);
      ends.push(() => child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      const here = await why([String(port)]);
      expect(here.document).toMatchObject({
        held: false,
        elsewhere: [{ sees: 'the listener', process: { pid: child.pid } }],
      });
      expect(here.status).toBe(0);
      expect(here.document.advice.join()).toContain(`nsenter --net --target ${child.pid}`);
      const there = await why([String(port), '--on', `nsenter --net --target ${child.pid}`]);
      expect(there.document).toMatchObject({ held: true, on: `nsenter --net --target ${child.pid}` });
      expect(there.status).toBe(1);
    },
  );
});

describe('faults', () => {
  test('a thousand connections of one process take one line', async () => {
    const { server, port } = await listening();
    const clients = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1'));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const { document } = await why([String(port)]);
    expect(
      document.holders.map(({ kind, state, count, processCount }) => ({ kind, state, count, processCount })),
    ).toEqual([
      { kind: 'listener', state: 'LISTEN', count: 1, processCount: 1 },
      { kind: 'connection', state: 'ESTABLISHED', count: 1000, processCount: 1 },
    ]);
    for (const client of clients) client.destroy();
    server.close();
  });
});

test.each([
  [['why', '--wait'], '--wait waits for ports'],
  [['why', '0'], '"0" is not a port'],
  [['why', '65536'], '"65536" is not a port'],
  [['why', 'http'], '"http" is not a port'],
  [['why', '80', 'db.example:5432'], '"db.example" names another machine'],
  [['why', '80', '--kill'], 'add --yes'],
  [['why', '80', '--kill', '--yes', '--on', 'env'], 'instead of --on'],
  [['why', '/x', '--kill', '--yes'], '--kill frees ports'],
  [['why', '@x', '--wait'], '--wait waits for ports'],
  [['why', '/x', '--on', 'env'], '--on looks at ports'],
  [['why', '80', '--wait', 'soon'], '"soon" is not a duration'],
  [['why', '80', '--host', 'example'], '"example" is not an IP address'],
  [['why', '80', '--on', ''], 'does not launch a command'],
  [['why', '80', '--on', 'no-such-program'], 'no-such-program cannot be started'],
  [['why', '80', '--on', 'false'], 'it ended with status 1'],
  [['why', '80', '--on', "sh 'x"], 'a quote does not end'],
])('%j is refused in one line, with status 2', async (args, message) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
