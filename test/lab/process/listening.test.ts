import { describe, expect, test } from 'vitest';
import { SystemCallError } from '../../../src/native/errno.ts';
import { anyPort, pair, start } from './peers.ts';

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
