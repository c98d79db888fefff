import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { descendantsOf } from '../../../src/observe/processes.ts';
import { until } from '../../support/until.ts';
import { generatorTo, http, none, serverThat, whole } from './generators.ts';

test('each kind uses its connections in its own way', async () => {
  const port = await serverThat((socket, request) => {
    const [, path] = request.split(' ');
    setTimeout(() => socket.write(whole), path === '/slow' ? 100 : 0);
  });
  const spec = { new: 50, pooled: 3, idle: 2, slow: 2 };
  const generator = generatorTo(port, { spec, protocol: { ...http, slowPath: '/slow' }, timeoutMs: 5000 });
  await generator.start();
  const of = (kind: string) => generator.requests.filter((request) => request.kind === kind);
  const enough = () => of('new').length >= 20 && of('pooled').length >= 12 && of('slow').length >= 6;
  await new Promise<void>((resolve) => {
    generator.onFinished = () => enough() && resolve();
  });
  expect(of('idle')).toHaveLength(2);
  await generator.rouse();
  await new Promise<void>((resolve) => {
    generator.onFinished = () => of('idle').length === 4 && resolve();
  });
  const done = await generator.stop();
  expect(new Set(generator.requests.map((request) => request.class))).toEqual(new Set(['answered']));
  expect(new Set(of('pooled').map(({ connection }) => connection)).size).toBe(3);
  expect(new Set(of('idle').map(({ connection }) => connection)).size).toBe(2);
  expect(new Set(of('new').map(({ connection }) => connection)).size).toBe(of('new').length);
  expect(of('new').every(({ use, previous }) => use === 1 && previous === null)).toBe(true);
  expect(Math.max(...of('idle').map(({ use }) => use))).toBe(2);
  expect(done).toMatchObject({ newAsked: of('new').length, newMade: of('new').length });
});

test.each([
  [
    'ends it at rest',
    (s: Socket) => s.write(whole, () => setTimeout(() => s.end(), 30)),
    { by: 'FIN', when: 'at rest' },
  ],
  ['ends it under a request', (s: Socket) => s.end(), { by: 'FIN', when: 'in flight' }],
  ['resets it under a request', (s: Socket) => s.resetAndDestroy(), { by: 'RST', when: 'in flight' }],
] as const)('the end of a kept connection is reported: a server that %s', async (_, serves, end) => {
  const generator = generatorTo(await serverThat(serves), { spec: { ...none, idle: 1, new: 20 } });
  await generator.start();
  await until('the end', () => generator.ends.length > 0);
  await generator.stop();
  expect(generator.ends).toEqual([expect.objectContaining(end)]);
});

test('the end of a connection that the answer has announced is not reported', async () => {
  const port = await serverThat((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok'));
  const generator = generatorTo(port, { spec: { ...none, pooled: 1 } });
  await generator.start();
  await until('several requests', () => generator.requests.length > 3);
  await generator.stop();
  expect(generator.requests.map((request) => request.class)).not.toContain('closed');
  expect(generator.ends).toEqual([]);
});

test('a client that is late does not use a connection that has ended in the meantime', async () => {
  const sockets = new Set<Socket>();
  const port = await serverThat((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.write(whole);
    // Ten times as long as its clients rest.
    socket.setTimeout(1000, () => socket.end());
  });
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  const generator = generatorTo(port, { spec: { ...none, pooled: 5 } });
  await generator.start();
  const [child] = descendantsOf(process.pid).filter(({ pid }) => !before.includes(pid));
  await until('all connections', () => sockets.size === 5);
  process.kill(child?.pid ?? 0, 'SIGSTOP');
  const ended = () => [...sockets].every((socket) => socket.writableFinished);
  await until('the server to close them', ended).finally(() => process.kill(child?.pid ?? 0, 'SIGCONT'));
  const soFar = generator.requests.length;
  await until('more requests', () => generator.requests.length > soFar + 10);
  await generator.stop();
  expect(generator.requests.map((request) => request.class).filter((end) => end !== 'answered')).toEqual([]);
});
