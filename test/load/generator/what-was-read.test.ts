import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { SockDiag } from '../../../src/native/sock-diag.ts';
import { AF_INET } from '../../../src/native/sockaddr.ts';
import { descendantsOf } from '../../../src/observe/processes.ts';
import { until } from '../../support/until.ts';
import { echo, generatorTo, servers, serverThat } from './generators.ts';

/** A server of which nobody reads the requests: the kernel answers them with RST when it closes. */
async function serverThatReadsNothing(): Promise<{ port: number; unread: () => Promise<Socket[]> }> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const diag = new SockDiag();
  const hasArrived = () => {
    const ends = diag.list(AF_INET, { port }).filter(({ local }) => local.port === port);
    return ends.filter(({ remote, receiveQueue }) => remote.port > 0 && receiveQueue > 0).length === 20;
  };
  const unread = async () => {
    await until('20 requests', () => sockets.length === 20 && hasArrived()).finally(() => diag.close());
    return sockets;
  };
  return { port, unread };
}

test('what was not read is known: RST', async () => {
  const { port, unread } = await serverThatReadsNothing();
  const generator = generatorTo(port, { protocol: echo, timeoutMs: 60_000 });
  const asked = Promise.all(Array.from({ length: 20 }, () => generator.probe('plain')));
  for (const socket of await unread()) socket.destroy();
  expect((await asked).map(({ endedBy }) => endedBy)).toEqual(Array(20).fill('RST'));
});

test('what was not read is known: FIN and then RST', async () => {
  const { port, unread } = await serverThatReadsNothing();
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  const generator = generatorTo(port, { protocol: echo, timeoutMs: 60_000 });
  const asked = Promise.all(Array.from({ length: 20 }, () => generator.probe('plain')));
  const sockets = await unread();
  const [child] = descendantsOf(process.pid).filter(({ pid }) => !before.includes(pid));
  // It sees neither before both have arrived.
  process.kill(child?.pid ?? 0, 'SIGSTOP');
  const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
  for (const socket of sockets) socket.end(() => socket.destroy());
  await closed.finally(() => process.kill(child?.pid ?? 0, 'SIGCONT'));
  const ends = await asked;
  expect(ends.map(({ endedBy, followedBy }) => [endedBy, followedBy])).toEqual(
    Array(20).fill(['FIN', 'RST']),
  );
});

test('what was read is known: FIN and nothing else', async () => {
  const read = generatorTo(await serverThat((socket) => socket.end()), { protocol: echo });
  const others = await Promise.all(Array.from({ length: 20 }, () => read.probe('plain')));
  expect(others.map(({ endedBy, followedBy }) => [endedBy, followedBy])).toEqual(
    others.map(() => ['FIN', null]),
  );
  expect(
    others.every(
      ({ startedAt, sentAt, endedAt }) => sentAt !== null && startedAt <= sentAt && sentAt <= endedAt,
    ),
  ).toBe(true);
});
