import { afterEach, describe, expect, test } from 'vitest';
import { Host, thisMachine } from '../../../src/lab/hosts/host.ts';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { SystemCallError } from '../../../src/native/errno.ts';
import type { Params } from '../../../src/peer/methods.ts';
import type { ConnectionEvent } from '../../../src/peer/notifications.ts';

const peers: PeerProcess[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.end()));
});

async function start(host = thisMachine): Promise<PeerProcess> {
  const peer = new PeerProcess(host);
  peers.push(peer);
  return peer.ready();
}

const anyPort = { host: '127.0.0.1', port: 0, reuseAddress: 'off', backlog: 16 } as const;

interface Pair {
  readonly server: PeerProcess;
  readonly client: PeerProcess;
  /** The numbers of the two sockets. */
  readonly accepted: number;
  readonly connected: number;
  readonly event: ConnectionEvent;
}

async function pair(
  listen: Partial<Params<'listen'>> = {},
  connect: Partial<Params<'connect'>> = {},
): Promise<Pair> {
  const [server, client] = await Promise.all([start(), start()]);
  const accepting = new Promise<ConnectionEvent>((resolve) => {
    server.onConnection = resolve;
  });
  const { address: host, port } = await server.call('listen', { ...anyPort, ...listen });
  const { socket } = await client.call('connect', { host, port, timeoutMs: 5000, ...connect });
  const event = await accepting;
  return { server, client, accepted: event.socket, connected: socket, event };
}

describe('listening', () => {
  test.each(['off', 'on'] as const)('SO_REUSEADDR is as requested: %s', async (reuseAddress) => {
    const server = await start();
    await server.call('listen', { ...anyPort, reuseAddress });
    const { values } = await server.call('options', { socket: 0, names: ['SO_REUSEADDR'] });
    expect(values).toEqual([reuseAddress === 'on' ? 1 : 0]);
  });

  test('SO_REUSEPORT lets two processes listen on one port', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const { port } = await first.call('listen', { ...anyPort, reusePort: 'on' });
    await expect(second.call('listen', { ...anyPort, port, reusePort: 'on' })).resolves.toMatchObject({
      port,
    });
  });

  test('the address family and IPV6_V6ONLY are as requested', async () => {
    const server = await start();
    const { address, port } = await server.call('listen', { ...anyPort, host: '::', v6Only: 'on' });
    expect(address).toBe('::');
    const other = await start();
    await expect(other.call('listen', { ...anyPort, port })).resolves.toMatchObject({ port });
  });

  test('a second listener fails in bind, and reports that', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const { port } = await first.call('listen', anyPort);
    const failure = await second.call('listen', { ...anyPort, port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SystemCallError);
    expect(failure).toMatchObject({ call: 'bind', errno: 'EADDRINUSE' });
  });

  test('with SO_REUSEADDR on both it fails in listen instead', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const binding = { host: '127.0.0.1', reuseAddress: 'on' } as const;
    const { port } = await first.call('listen', { ...anyPort, reuseAddress: 'on' });
    // inet_csk_bind_conflict(): two binds pass, but not over a listener; so the first one must not listen yet.
    const over = await second.call('probe', { ...binding, port, listen: 'too' });
    expect(over).toEqual({ bind: 'EADDRINUSE', listen: null });
    await first.call('stopListening', {});
    expect(await second.call('probe', { ...binding, port, listen: 'too' })).toEqual({
      bind: 'ok',
      listen: 'ok',
    });
  });

  test('a port with remnants can be refused', async () => {
    const { server, client, accepted, event } = await pair({ reuseAddress: 'on' });
    await server.call('destroy', { socket: accepted });
    await server.call('stopListening', {});
    const restarted = await start();
    const asks = { ...anyPort, port: event.local.port, reuseAddress: 'on' } as const;
    await expect(restarted.call('listen', { ...asks, remnants: 'refused' })).rejects.toMatchObject({
      call: 'bind',
      errno: 'EADDRINUSE',
    });
    await expect(restarted.call('listen', asks)).resolves.toMatchObject({ port: event.local.port });
    expect(client.hasExited).toBe(false);
  });

  test('accept(2) can wait: the kernel completes the connection without it', async () => {
    const [server, client] = await Promise.all([start(), start()]);
    let accepted = 0;
    server.onConnection = () => accepted++;
    const { address: host, port } = await server.call('listen', { ...anyPort, accepting: 'later' });
    await client.call('connect', { host, port, timeoutMs: 5000 });
    expect(accepted).toBe(0);
    const accepting = new Promise((resolve) => {
      server.onConnection = resolve;
    });
    await server.call('accept', {});
    await expect(accepting).resolves.toMatchObject({ socket: 1 });
  });
});

describe('connecting', () => {
  test('fails in connect if nothing listens', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const { port } = await first.call('listen', anyPort);
    await first.kill('SIGKILL');
    await expect(second.call('connect', { host: '127.0.0.1', port, timeoutMs: 5000 })).rejects.toMatchObject({
      call: 'connect',
      errno: 'ECONNREFUSED',
    });
  });

  test('from a chosen port, without SO_REUSEADDR on it', async () => {
    const [probe, { server, event }] = await Promise.all([start(), pair()]);
    const { port: localPort } = await probe.call('listen', anyPort);
    await probe.call('stopListening', {});
    const client = await start();
    const { port } = event.local;
    const { socket, local } = await client.call('connect', {
      host: '127.0.0.1',
      port,
      localPort,
      timeoutMs: 5000,
    });
    expect(local.port).toBe(localPort);
    expect(await client.call('options', { socket, names: ['SO_REUSEADDR'] })).toEqual({ values: [0] });
    expect(server.hasExited).toBe(false);
  });

  test('with options that were set before', async () => {
    const { client, connected } = await pair({}, { options: { SO_RCVBUF: 4096, TCP_NODELAY: 1 } });
    const { values } = await client.call('options', {
      socket: connected,
      names: ['SO_RCVBUF', 'TCP_NODELAY'],
    });
    // socket(7): the kernel doubles the size.
    expect(values).toEqual([8192, 1]);
  });
});

describe('data', () => {
  test('stays unread until it is requested', async () => {
    const { server, client, accepted, connected } = await pair();
    await client.call('write', { socket: connected, text: 'hello' });
    const now = await server.call('receive', { socket: accepted, most: 100 });
    expect(now).toEqual({ bytes: 5, text: 'hello', errno: null });
    expect(await server.call('receive', { socket: accepted, most: 100 })).toMatchObject({ errno: 'EAGAIN' });
  });

  test('is read up to a number of bytes, and then to the end', async () => {
    const { server, client, accepted, connected } = await pair();
    await client.call('write', { socket: connected, text: 'hello world' });
    await client.call('end', { socket: connected });
    const asks = { socket: accepted, timeoutMs: 5000 };
    expect(await server.call('read', { ...asks, bytes: 5 })).toMatchObject({
      text: 'hello',
      ended: 'enough',
    });
    expect(await server.call('read', asks)).toMatchObject({ text: ' world', ended: 'end', error: null });
  });

  test('arrives as it was sent', async () => {
    const { server, client, accepted, connected } = await pair();
    const bytes = 3_000_000;
    const written = client.call('write', { socket: connected, bytes });
    const read = server.call('read', { socket: accepted, bytes, timeoutMs: 20_000 });
    expect(await written).toEqual({ bytes, inKernel: bytes });
    const again = await pair();
    await again.client.call('write', { socket: again.connected, bytes: 1000 });
    const short = await again.server.call('read', { socket: again.accepted, bytes: 1000, timeoutMs: 5000 });
    expect((await read).bytes).toBe(bytes);
    expect(short.text).toMatch(/^0000000\n0000001\n/);
  });

  test('a full queue takes no more', async () => {
    const { server, accepted } = await pair(
      { options: { SO_SNDBUF: 4096 } },
      { options: { SO_RCVBUF: 4096 } },
    );
    const { bytes } = await server.call('fill', { socket: accepted });
    expect(bytes).toBeGreaterThan(0);
    // What the other kernel acknowledges later makes room for a little more.
    let sent = await server.call('send', { socket: accepted, bytes: 100_000 });
    for (let more = 0; more < 50 && sent.errno === null; more++)
      sent = await server.call('send', { socket: accepted, bytes: 100_000 });
    expect(sent).toEqual({ bytes: 0, errno: 'EAGAIN' });
  });

  test.each([
    ['reads', 'end'],
    ['echoes', 'end'],
    ['leaks', 'error'],
  ] as const)('a server that %s makes the client read to the %s', async (conduct, ended) => {
    const { client, connected } = await pair({ conduct });
    await client.call('write', { socket: connected, text: 'hello' });
    await client.call('end', { socket: connected });
    const read = await client.call('read', { socket: connected, timeoutMs: 1000 });
    expect(read).toMatchObject({ ended, text: conduct === 'echoes' ? 'hello' : '' });
  });
});

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

describe('both sides of a connection in one peer', () => {
  test('pass bytes to and fro, and are closed in turn', async () => {
    const peer = await start();
    const accepting = new Promise<ConnectionEvent>((resolve) => {
      peer.onConnection = resolve;
    });
    const { address: host, port } = await peer.call('listen', anyPort);
    const { socket } = await peer.call('connect', { host, port, timeoutMs: 5000 });
    const sockets: [number, number] = [socket, (await accepting).socket];
    await peer.call('exchange', { sockets, rounds: 3, bytes: 300_000 });
    await peer.call('closeInTurn', { sockets });
    await expect(peer.call('read', { socket, timeoutMs: 100 })).resolves.toMatchObject({ bytes: 0 });
  });
});
