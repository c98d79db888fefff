import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../../src/native/sockaddr.ts';
import { bindSocket, closeDescriptor, localEndpoint, openSocket } from '../../src/native/socket.ts';
import { numberOfState } from '../../src/state.ts';

const diag = new SockDiag();

test.each([
  ['127.0.0.1', AF_INET],
  ['::1', AF_INET6],
])('one pair is found by its ends, in whatever state, on %s', async (address, family) => {
  const server = createServer({ allowHalfOpen: true }).listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const client = connect({ port, host: address, allowHalfOpen: true });
  await once(client, 'connect');
  const [side] = await accepted;
  const local = { address, port: client.localPort ?? 0 };
  const remote = { address, port };
  const stateOf = (pair: [typeof local, typeof remote]) => diag.find(...pair)?.state;

  const before = diag.find(local, remote);
  expect(before?.state).toBe(numberOfState('ESTABLISHED'));
  expect(before?.inode).toBeGreaterThan(0);

  client.resume().end();
  side.resume().end();
  await once(client, 'close');
  while (stateOf([local, remote]) !== numberOfState('TIME_WAIT'))
    await new Promise((resolve) => setTimeout(resolve, 1));
  const after = diag.find(local, remote);
  expect(after?.cookie).toBe(before?.cookie);
  expect(after?.expiresMs).toBeGreaterThan(50_000);
  expect(after?.expiresMs).toBeLessThanOrEqual(60_000);

  // A pair that does not exist is not taken for the listener of its port.
  expect(diag.find({ address, port: 1 }, remote)).toBeUndefined();
  expect(diag.find(remote, { address, port: 1 })).toBeUndefined();

  const listed = diag.list(family, { port });
  expect(listed.map(({ state }) => state).sort()).toContain(numberOfState('LISTEN'));
  expect(listed.every((socket) => socket.local.port === port || socket.remote.port === port)).toBe(true);
  server.close();
});

test('a socket that is bound and does not listen is listed, with its inode', (context) => {
  const fd = openSocket('127.0.0.1', 'non-blocking');
  bindSocket(fd, { address: '127.0.0.1', port: 0 });
  const { port } = localEndpoint(fd);
  const bound = diag.list(AF_INET, { port, states: 1 << numberOfState('BOUND_INACTIVE') });
  closeDescriptor(fd);
  if (bound.length === 0) return context.skip('this kernel, older than 6.8, does not tell it');
  expect(bound).toHaveLength(1);
  expect(bound[0]).toMatchObject({ state: numberOfState('CLOSED'), local: { address: '127.0.0.1', port } });
  expect(bound[0]?.inode).toBeGreaterThan(0);
});
