import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { harmless } from '../../src/foreign.ts';
import { SockDiag } from '../../src/native/sock-diag.ts';
import type { DiagSocket } from '../../src/native/sock-diag-message.ts';
import type { Place } from '../../src/observe/place.ts';
import type { Row } from '../../src/observe/row.ts';
import { detailOf, readDetails } from '../../src/observe/sock-diag/detail.ts';
import { readMptcp } from '../../src/observe/sock-diag/mptcp.ts';
import {
  allSockets,
  listeners,
  quietAfterClose,
  rowOf,
  socketsOnPort,
  socketsWithPort,
  timerOf,
} from '../../src/observe/sock-diag/table.ts';
import { numberOfState } from '../../src/state.ts';
import { unless } from '../support/skips.ts';
import { bindOnly, closeDescriptor, somePort } from '../support/sockets.ts';
import { until } from '../support/until.ts';

const socket: DiagSocket = {
  family: 'IPv4',
  state: numberOfState('ESTABLISHED'),
  local: { address: '127.0.0.1', port: 80 },
  remote: { address: '127.0.0.1', port: 40_000 },
  ...{ timer: 0, retransmits: 0, expiresMs: 0, receiveQueue: 3, sendQueue: 5, uid: 33, inode: 7 },
  ...{ cookie: 0xabcn, ipv6Only: false, open: null, quiet: null },
};

describe('a socket as sock_diag gives it', () => {
  test('is a row like those of ss, with its cookie in the same spelling', () => {
    const holder = { pid: 9, name: harmless('node') };
    const { timer, retransmits, expiresMs, state, quiet, ipv6Only, ...same } = socket;
    expect(rowOf(socket, new Map([[7, [holder]]]))).toEqual({
      ...same,
      ...{ state: 'ESTABLISHED', timer: null, processes: [holder], cookie: 'abc' },
    });
  });

  test('has no process if its inode is unknown or missing', () => {
    const anybody = new Map([[0, [{ pid: 9, name: harmless('node') }]]]);
    expect(rowOf(socket, anybody).processes).toEqual([]);
    expect(rowOf({ ...socket, inode: 0 }, anybody).processes).toEqual([]);
  });

  test('has the backlog of a listener not as its send queue', () => {
    const listener = { ...socket, state: numberOfState('LISTEN') };
    expect(rowOf(listener, new Map())).toMatchObject({ state: 'LISTEN', receiveQueue: 3, sendQueue: 0 });
  });

  test('reports whether a listener excludes IPv4, and nothing if it does not', () => {
    const listener = { ...socket, state: numberOfState('LISTEN') };
    expect(rowOf({ ...listener, ipv6Only: true }, new Map())).toMatchObject({ ipv6Only: true });
    expect(rowOf(listener, new Map())).not.toHaveProperty('ipv6Only');
  });

  test('is closed if its state is unknown', () => {
    expect(rowOf({ ...socket, state: 99 }, new Map()).state).toBe('CLOSED');
  });

  test.each([
    [0, null],
    [1, 'on'],
    [2, 'keepalive'],
    [3, 'timewait'],
    [4, 'persist'],
    [5, 'unknown'],
  ])('has by the number %i the timer %s', (number, kind) => {
    expect(timerOf(number, 1500, 2)).toEqual(kind === null ? null : { kind, leftMs: 1500, retransmits: 2 });
  });
});

const place = (procNet: string | undefined) => ({ procNet }) as Place;
const here = place('/proc/net');

describe('of real sockets', () => {
  const diag = new SockDiag();
  const servers: Server[] = [];
  let [port, otherPort] = [0, 0];
  /** The client has closed: the server's end is in CLOSE_WAIT, its own in FIN_WAIT2. */
  let accepted: Socket;
  let client: Socket;

  // Other connections of this machine may have the port of a client as well, towards other servers.
  const ours = (rows: readonly Row[]) =>
    rows.filter(({ local, remote }) => [local.port, remote.port].includes(port));
  const clientEnd = (clientPort: number) => ours(socketsOnPort(diag, clientPort))[0];

  beforeAll(async () => {
    port = somePort();
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer({ allowHalfOpen: true }).listen({ port, host, backlog: 5 });
      await once(server, 'listening');
      servers.push(server);
    }
    const [server] = servers as [Server];
    const accepting = once(server, 'connection');
    client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    [accepted] = (await accepting) as [Socket];
    accepted.resume();
    client.end();
    await once(accepted, 'end');
    otherPort = client.localPort ?? 0;
    await until('FIN_WAIT2', () => clientEnd(otherPort)?.state === 'FIN_WAIT2');
  });
  afterAll(() => {
    client.destroy();
    accepted.destroy();
    for (const server of servers) server.close();
    diag.close();
  });

  const described = (rows: readonly Row[]) =>
    ours(rows)
      .map(({ family, state, local }) => `${family} ${state} ${local.port === port ? 'own' : 'other'}`)
      .sort();
  const ends = ['IPv4 CLOSE_WAIT own', 'IPv4 FIN_WAIT2 other', 'IPv4 LISTEN own', 'IPv6 LISTEN own'];

  test('those with a port at either end are listed, of both families', () => {
    const all = socketsWithPort(diag, port);
    expect(ours(all)).toEqual(all);
    expect(described(all)).toEqual(ends);
    expect(described(socketsWithPort(diag, otherPort))).toEqual(ends.slice(0, 2));
  });

  test('sockets on the port are distinguished from those of its clients', () => {
    expect(described(socketsOnPort(diag, port))).toEqual(ends.filter((one) => one.endsWith('own')));
    expect(described(socketsOnPort(diag, otherPort))).toEqual(['IPv4 FIN_WAIT2 other']);
  });

  test('the side that opened them is reported if requested, and their processes if known', () => {
    const asked = socketsOnPort(diag, port, undefined, 'open');
    expect(asked.map(({ open }) => open !== null)).toContain(true);
    expect(socketsOnPort(diag, port).map(({ open }) => open)).toEqual([null, null, null]);
    const holder = { pid: process.pid, name: harmless('node') };
    const holders = new Map(asked.map(({ inode }) => [inode ?? 0, [holder]]));
    expect(socketsOnPort(diag, port, holders).every(({ processes }) => processes[0] === holder)).toBe(true);
  });

  test('all and all listeners are those with the port, and more', () => {
    expect(described(allSockets(diag))).toEqual(ends);
    expect(described(listeners(diag))).toEqual(ends.filter((one) => one.includes('LISTEN')));
  });

  test('how long the other side has been quiet is known by cookie of those that are half closed', () => {
    const cookieOf = (state: Row['state']) =>
      socketsWithPort(diag, port).find((row) => row.state === state)?.cookie ?? '';
    const quiet = quietAfterClose(diag, port);
    expect([...quiet.keys()].sort()).toEqual([cookieOf('CLOSE_WAIT'), cookieOf('FIN_WAIT2')].sort());
    for (const ms of quiet.values()) expect(ms).toBeLessThan(600_000);
    const all = quietAfterClose(diag, null);
    expect([...all.keys()]).toEqual(expect.arrayContaining([...quiet.keys()]));
    expect(quietAfterClose(diag, 1).size).toBe(0);
  });

  test('details are known by cookie: how quiet a connection is, and how many connections a listener takes', () => {
    const details = readDetails(here, port);
    const of = (state: Row['state']) => {
      const row = socketsWithPort(diag, port).find((row) => row.state === state) as Row;
      return detailOf(details, row);
    };
    expect(of('LISTEN')).toMatchObject({ backlog: 5 });
    expect(of('CLOSE_WAIT')).toEqual({
      quiet: {
        ackReceivedMs: expect.any(Number),
        dataReceivedMs: expect.any(Number),
        dataSentMs: expect.any(Number),
      },
      backlog: null,
    });
    expect(details.size).toBe(4);
  });

  test('nothing is known about a row without a cookie, or about another network', () => {
    const row = rowOf(socket, new Map());
    expect(detailOf(new Map([['abc', { quiet: null, backlog: 1 }]]), row)).toEqual({
      quiet: null,
      backlog: 1,
    });
    expect(detailOf(readDetails(here, port), { ...row, cookie: null })).toBeUndefined();
    expect(readDetails(place(undefined), port).size).toBe(0);
    expect(readMptcp(place(undefined), port)).toEqual([]);
  });

  test('TCP sockets are not among those of MPTCP', () => {
    expect(readMptcp(here, port)).toEqual([]);
  });

  const old = /^(\d+)\.(\d+)/.exec(release())?.slice(1).map(Number) ?? [0, 0];
  const tells = (old[0] ?? 0) > 6 || (old[0] === 6 && (old[1] ?? 0) >= 8);
  test(
    'one that is bound and does not listen is distinguished from a closed one',
    unless(tells ? null : 'Linux before 6.8 does not list bound sockets'),
    () => {
      const bound = bindOnly();
      try {
        expect(socketsOnPort(diag, bound.port)).toMatchObject([
          { state: 'BOUND_INACTIVE', local: { address: '127.0.0.1', port: bound.port } },
        ]);
      } finally {
        closeDescriptor(bound.fd);
      }
    },
  );

  test('the quiet time of an ownerless socket is unknown: the kernel keeps less about it', async () => {
    const [server] = servers as [Server];
    const accepting = once(server, 'connection');
    const gone = connect({ port, host: '127.0.0.1' });
    const [left] = (await accepting) as [Socket];
    const leftPort = left.remotePort ?? 0;
    gone.destroy();
    try {
      await until('FIN_WAIT2', () => clientEnd(leftPort)?.state === 'FIN_WAIT2');
      const cookie = clientEnd(leftPort)?.cookie ?? '';
      expect(quietAfterClose(diag, leftPort).has(cookie)).toBe(false);
    } finally {
      left.destroy();
    }
  });
});
