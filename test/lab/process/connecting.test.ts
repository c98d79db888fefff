import { describe, expect, test } from 'vitest';
import { anyPort, pair, start } from './peers.ts';

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
