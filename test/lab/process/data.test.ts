import { describe, expect, test } from 'vitest';
import type { ConnectionEvent } from '../../../src/peer/notifications.ts';
import { anyPort, pair, start } from './peers.ts';

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
