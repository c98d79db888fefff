import { describe, expect, test } from 'vitest';
import { Host } from '../../../src/lab/hosts/host.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { anyPort, pair, start } from './peers.ts';

describe('closing', () => {
  test.each([
    ['end', {}, null],
    ['destroy', {}, null],
    ['reset', {}, 'ECONNRESET'],
    ['shutdown', { how: 'write' }, null],
  ] as const)('%s reaches the other side', async (way, details, errno) => {
    const { server, client, accepted, connected } = await pair();
    await client.call(way, { socket: connected, ...details } as never);
    const asks = { socket: accepted, timeoutMs: 5000 };
    const told = await server.call('read', asks);
    expect(told).toMatchObject(errno === null ? { ended: 'end' } : { ended: 'error', error: errno });
  });

  test('linger is an option like others', async () => {
    const { client, connected } = await pair();
    await client.call('setOption', { socket: connected, name: 'SO_LINGER', value: 3 });
    expect(await client.call('options', { socket: connected, names: ['SO_LINGER'] })).toEqual({
      values: [3],
    });
    await client.call('setOption', { socket: connected, name: 'SO_LINGER', value: -1 });
    expect(await client.call('options', { socket: connected, names: ['SO_LINGER'] })).toEqual({
      values: [-1],
    });
  });
});

describe('ending', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGABRT', 'SIGSEGV', 'SIGQUIT', 'SIGUSR2'] as const)(
    '%s kills, and the process is gone',
    async (signal) => {
      const peer = await start();
      const { pid } = peer;
      expect(await peer.kill(signal)).toEqual({ state: 'killed', signal });
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    },
  );

  test('a process that does not die of the signal, since it is stopped, is killed', async () => {
    const peer = await start();
    const { pid } = peer;
    process.kill(pid, 'SIGSTOP');
    expect(await peer.kill('SIGINT')).toEqual({ state: 'killed', signal: 'SIGKILL' });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test.each([
    ['ignored', ['sh', '-c', 'trap "" INT; exec "$@"', 'sh']],
    ['blocked', ['env', '--block-signal=INT']],
  ])('a signal that was inherited as %s kills', async (_, prefix) => {
    const peer = await start(new Host('deaf to SIGINT', prefix, undefined));
    expect(await peer.kill('SIGINT')).toEqual({ state: 'killed', signal: 'SIGINT' });
  });

  test.each([
    ['exit', { state: 'exited', status: 0 }],
    ['exit 3', { state: 'exited', status: 3 }],
    ['throw', { state: 'exited', status: 1 }],
    ['abort', { state: 'killed', signal: 'SIGABRT' }],
    ['SIGTERM', { state: 'killed', signal: 'SIGTERM' }],
  ] as const)('a peer can end itself by %s', async (by, exit) => {
    const peer = await start();
    await peer.call('limitCoreDump', { bytes: 0 });
    expect(await peer.die(by)).toEqual(exit);
  });

  test('calls to a peer that has ended fail with the reason', async () => {
    const peer = await start();
    await peer.kill('SIGKILL');
    await expect(peer.call('listen', anyPort)).rejects.toMatchObject({ code: 'peer-died' });
  });

  test('a program that is not a peer fails with its last words', async () => {
    const peer = new PeerProcess(
      new Host('nowhere', ['sh', '-c', 'echo "no such place" >&2; exit 1', 'sh'], undefined),
    );
    await expect(peer.ready()).rejects.toThrow('no such place');
  });

  test('a missing launcher is named', async () => {
    const peer = new PeerProcess(new Host('nowhere', ['/no/such/launcher'], undefined));
    await expect(peer.ready()).rejects.toThrow('/no/such/launcher');
  });
});

test('what is not a command is refused with a reason', async () => {
  const peer = await start();
  await expect(peer.call('write', { socket: 7, text: 'x' })).rejects.toThrow('this peer has no connection 7');
  await expect(peer.call('write', { socket: -1 })).rejects.toMatchObject({ code: 'peer-failed' });
});
