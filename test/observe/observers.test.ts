import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, thisMachine } from '../../src/lab/hosts/host.ts';
import { PeerProcess } from '../../src/lab/process/peer-process.ts';
import { takeSnapshot } from '../../src/observe/observer.ts';
import { type ObserverName, observerNames, openObserver } from '../../src/observe/observers.ts';
import type { Place } from '../../src/observe/place.ts';
import type { Row } from '../../src/observe/row.ts';
import type { ConnectionEvent } from '../../src/peer/notifications.ts';
import { installed, missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

const peers: PeerProcess[] = [];
const ports: number[] = [];

async function start(): Promise<PeerProcess> {
  const peer = new PeerProcess(thisMachine);
  peers.push(peer);
  return peer.ready();
}

/** A server and a client that are connected; then something is done to the server's side. */
async function connection(
  host: string,
  target: string,
  act: (server: PeerProcess, client: PeerProcess, accepted: number, connected: number) => Promise<unknown>,
): Promise<void> {
  const [server, client] = await Promise.all([start(), start()]);
  const accepting = new Promise<ConnectionEvent>((resolve) => {
    server.onConnection = resolve;
  });
  const { port } = await server.call('listen', { host, port: 0, reuseAddress: 'off', backlog: 16 });
  const { socket } = await client.call('connect', { host: target, port, timeoutMs: 5000 });
  await act(server, client, (await accepting).socket, socket);
  ports.push(port);
}

beforeAll(async () => {
  const nothing = async () => {};
  const serverDies = async (server: PeerProcess) => server.kill('SIGINT');
  const bothDie = async (server: PeerProcess, client: PeerProcess) => {
    await server.kill('SIGINT');
    await client.kill('SIGINT');
  };
  const unread = async (server: PeerProcess, _client: PeerProcess, accepted: number) =>
    server.call('write', { socket: accepted, bytes: 1234 });
  const halfClose = async (server: PeerProcess, _client: PeerProcess, accepted: number) =>
    server.call('end', { socket: accepted });
  const shared = async (server: PeerProcess, _client: PeerProcess, accepted: number) =>
    server.call('share', { socket: accepted });
  await connection('127.0.0.1', '127.0.0.1', shared);
  await connection('127.0.0.1', '127.0.0.1', nothing);
  await connection('::1', '::1', nothing);
  await connection('::', '127.0.0.1', nothing);
  await connection('127.0.0.1', '127.0.0.1', serverDies);
  await connection('::', '127.0.0.1', bothDie);
  await connection('::1', '::1', bothDie);
  await connection('127.0.0.1', '127.0.0.1', unread);
  await connection('127.0.0.1', '127.0.0.1', halfClose);
});

afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.end()));
});

async function rowsOf(name: ObserverName, place: Place = thisMachine): Promise<Row[]> {
  const observer = await openObserver(name, place);
  const { rows, unread } = await takeSnapshot(observer, ports);
  expect(unread).toEqual([]);
  return rows.toSorted((a, b) => key(a).localeCompare(key(b)));
}

function key({ local, remote, family }: Row): string {
  return `${family} ${local.address} ${local.port} ${remote.address} ${remote.port}`;
}

// A FIN that waits for its ACK is over within a second, and what the kernel does by itself is over, too.
async function settled(): Promise<void> {
  for (;;) {
    const rows = await rowsOf('proc');
    if (
      rows.every(({ state, timer }) => state !== 'FIN_WAIT1' && (timer === null || timer.kind === 'timewait'))
    )
      return;
  }
}

const timeless = (row: Row) => ({ ...row, timer: row.timer && { ...row.timer, leftMs: 0 } });

/** What every observer says; the time that is left changes from one to the next. */
function common(row: Row): Row {
  const processes = row.processes.map(({ pid, name }) => ({ pid, name }));
  return { ...timeless(row), processes, cookie: null, open: null };
}

test('the sockets are what they were made to be', async () => {
  await settled();
  const states = new Set((await rowsOf('proc')).map(({ state }) => state));
  expect([...states].sort()).toEqual(['CLOSE_WAIT', 'ESTABLISHED', 'FIN_WAIT2', 'LISTEN', 'TIME_WAIT']);
});

describe.each([
  ['ss', 'ss'],
  ['netstat', 'netstat'],
  ['sock_diag', 'sh'],
] as const)('%s', (name, program) => {
  test('gives the same rows as /proc/net/tcp', unless(missing(program)), async () => {
    await settled();
    const [expected, observed] = [await rowsOf('proc'), await rowsOf(name)];
    expect(observed.map(common)).toEqual(expected.map(common));
    for (const [i, row] of observed.entries()) {
      // They are read one after the other, and ss tells whole seconds.
      const difference = Math.abs((row.timer?.leftMs ?? 0) - (expected[i]?.timer?.leftMs ?? 0));
      expect(difference).toBeLessThan(10_000);
    }
  });
});

test('if files cannot be read directly, programs read /proc, with the same result', async () => {
  const elsewhere = new Host('elsewhere', [], undefined);
  await settled();
  expect((await rowsOf('proc', elsewhere)).map(timeless)).toEqual((await rowsOf('proc')).map(timeless));
});

test('ss and sock_diag know the same sockets by the same cookies', unless(missing('ss')), async () => {
  await settled();
  const cookies = async (name: ObserverName) => (await rowsOf(name)).map(({ cookie }) => cookie);
  const observed = await cookies('ss');
  expect(observed).toEqual(await cookies('sock_diag'));
  expect(new Set(observed).size).toBe(observed.length);
  expect(observed).not.toContain(null);
});

test('sock_diag shows how each end opened its connection', async () => {
  const established = (await rowsOf('sock_diag')).filter(({ state }) => state === 'ESTABLISHED');
  const expected = established.map(({ local }) => (ports.includes(local.port) ? 'passive' : 'active'));
  expect(established.map(({ open }) => open)).toEqual(expected);
  expect(new Set(expected)).toEqual(new Set(['active', 'passive']));
});

describe('without ss and netstat', () => {
  const bare: Place = {
    run: async () => ({ stdout: '', stderr: '', exitCode: -1 }),
    read: (path) => thisMachine.read(path),
    procNet: '/proc/net',
  };

  test('auto takes /proc/net/tcp', async () => {
    expect((await openObserver('auto', bare)).name).toBe('proc');
  });

  test('sock_diag answers for no other network', async () => {
    const other = new Host('another network', [], '/proc/1/net');
    await expect(openObserver('sock_diag', other)).rejects.toThrow(
      /^sock_diag does not answer: use it on this machine/,
    );
  });

  test.each(['ss', 'netstat'] as const)('%s is refused with its remedy', async (name) => {
    await expect(openObserver(name, bare)).rejects.toThrow(/was not found: install/);
  });

  test('without /proc too, no way is left', async () => {
    const blind: Place = { ...bare, read: async () => null };
    await expect(openObserver('auto', blind)).rejects.toMatchObject({ code: 'no-observer' });
  });
});

test.each(
  observerNames.filter((name) => installed({ proc: 'grep', sock_diag: 'ss' }[name as string] ?? name)),
)('%s tells the command with which a person sees the same', async (name) => {
  const observer = await openObserver(name, thisMachine);
  const rowsIn = (text: string) =>
    text.split('\n').filter((line) => /\d/.test(line) && !/^\s*sl\s/.test(line)).length;
  // A TIME_WAIT may end between the two looks.
  await until('both to see as many rows', async () => {
    const { stdout } = await thisMachine.run(['sh', '-c', observer.command(ports)]);
    const { raw } = await takeSnapshot(observer, ports);
    return rowsIn(stdout) > 0 && rowsIn(stdout) === rowsIn(raw);
  });
});
