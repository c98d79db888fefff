import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { PeerProcess } from '../../src/lab/process/peer-process.ts';
import { listenerOptions } from '../../src/native/borrow.ts';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { AF_INET } from '../../src/native/sockaddr.ts';
import { numberOfState } from '../../src/state.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

const diag = new SockDiag();
const peers: PeerProcess[] = [];
afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.end()));
  diag.close();
});

function inodeOf(port: number): number {
  const [listener] = diag.list(AF_INET, { port, states: 1 << numberOfState('LISTEN') });
  return listener?.inode ?? 0;
}

describe('the options of a listener are read from another process', () => {
  test.each([
    ['off', false],
    ['on', true],
  ] as const)('SO_REUSEADDR %s', async (reuseAddress, expected) => {
    const peer = await new PeerProcess(thisMachine).ready();
    peers.push(peer);
    const { port } = await peer.call('listen', { host: '127.0.0.1', port: 0, reuseAddress, backlog: 1 });
    const observed = listenerOptions({ pid: peer.pid, inode: inodeOf(port) });
    expect(observed).toEqual({ state: 'read', reuseAddress: expected, reusePort: false });
  });

  test('and nothing of it stays open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const inode = inodeOf((server.address() as AddressInfo).port);
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 20; i++) listenerOptions({ pid: process.pid, inode });
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    server.close();
  });
});

describe('what cannot be read is reported with its reason', () => {
  test('a process that has ended', () => {
    expect(listenerOptions({ pid: 2 ** 22, inode: 1 })).toEqual({
      state: 'gone',
      reason: 'the process has ended',
    });
  });

  test('a socket that the process does not have', () => {
    expect(listenerOptions({ pid: process.pid, inode: 1 })).toEqual({
      state: 'gone',
      reason: 'the process has closed the socket',
    });
  });

  test('a process of another user', unless(noRoot), async () => {
    const script = `
      import { listenerOptions } from './src/native/borrow.ts';
      console.log(JSON.stringify(listenerOptions({ pid: 1, inode: 1 })));
    `;
    const { stdout } = await thisMachine.run([
      ...asNobody,
      process.execPath,
      '--import',
      'tsx',
      '-e',
      script,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining('EPERM'),
    });
  });
});
