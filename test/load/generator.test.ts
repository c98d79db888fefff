import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { LoadGenerator } from '../../src/load/generator.ts';
import type { Plan } from '../../src/load/plan.ts';
import type { FinishedRequest } from '../../src/load/request.ts';
import { monotonicMs } from '../../src/native/clock.ts';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { AF_INET } from '../../src/native/sockaddr.ts';
import { descendantsOf } from '../../src/observe/processes.ts';
import { readProc } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';
import { until } from '../support/until.ts';

const none = { new: 0, pooled: 0, idle: 0, slow: 0 };
const http = { kind: 'http', path: '/', slowPath: null, body: null } as const;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const echo = {
  kind: 'raw',
  request: base64('ping\n'),
  slowRequest: null,
  answer: { source: '^ping\\n$', flags: '' },
  greets: 'no',
} as const;

const servers: Server[] = [];
const generators: LoadGenerator[] = [];
afterAll(async () => {
  await Promise.all(generators.map((generator) => generator.end()));
  for (const server of servers) server.close();
});

async function serverThat(serves: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => serves(socket, data.toString()));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

function generatorTo(port: number, plan: Partial<Plan> = {}): LoadGenerator {
  const place = { host: '127.0.0.1', port };
  const generator = new LoadGenerator(
    { place, tls: null, protocol: http, spec: none, slowMs: 0, timeoutMs: 3000, ...plan },
    process.env,
  );
  generators.push(generator);
  return generator;
}

const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
type Way = readonly [serves: (socket: Socket) => void, seen: Partial<FinishedRequest>];

/** What a server may do with an HTTP request, and what a client sees. */
const inHttp: Readonly<Record<string, Way>> = {
  'answers whole': [(s) => s.write(whole), { class: 'answered', status: 200, bytes: 2, endedBy: null }],
  'answers an error': [
    (s) => s.write('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n'),
    { class: 'answered', status: 503 },
  ],
  'announces its close': [
    (s) => s.end(whole.replace('\r\n\r', '\r\nconnection: close\r\n\r')),
    { class: 'answered', announcesClose: true },
  ],
  'ends its answer by its close': [
    (s) => s.end('HTTP/1.0 200 OK\r\n\r\nok'),
    { class: 'answered', delimited: 'by the close', bytes: 2 },
  ],
  'ends in the middle of the body': [
    (s) => s.end(whole.slice(0, -1)),
    { class: 'cut', endedBy: 'FIN', status: 200, bytes: 1 },
  ],
  'ends in the middle of the header': [(s) => s.end(whole.slice(0, 20)), { class: 'cut', endedBy: 'FIN' }],
  'resets in the middle': [
    (s) => s.write(whole.slice(0, -1), () => setTimeout(() => s.resetAndDestroy(), 50)),
    { class: 'cut', endedBy: 'RST', code: 'ECONNRESET' },
  ],
  'ends without an answer': [(s) => s.end(), { class: 'closed', endedBy: 'FIN', bytes: 0 }],
  'resets without an answer': [
    (s) => s.resetAndDestroy(),
    { class: 'reset', endedBy: 'RST', code: 'ECONNRESET' },
  ],
  'never answers': [() => {}, { class: 'timed out' }],
  'answers without end': [
    (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'),
    { class: 'timed out', status: 200 },
  ],
  'answers garbage': [(s) => s.write('\0\x01garbage\r\n\r\n'), { class: 'garbled' }],
};

/** The same for bytes that are answered by bytes. */
const inRaw: Readonly<Record<string, Way>> = {
  'answers whole': [(s) => s.write('ping\n'), { class: 'answered', bytes: 5 }],
  'ends in the middle': [(s) => s.end('pi'), { class: 'cut', endedBy: 'FIN', bytes: 2 }],
  'ends without an answer': [(s) => s.end(), { class: 'closed', endedBy: 'FIN' }],
  'resets without an answer': [(s) => s.resetAndDestroy(), { class: 'reset', endedBy: 'RST' }],
  'never answers': [() => {}, { class: 'timed out' }],
};

describe.concurrent.each([
  ['HTTP', http, inHttp],
  ['raw', echo, inRaw],
] as const)('one request, %s', (_, protocol, ways) => {
  test.each(Object.entries(ways))('a server that %s', async (_, [serves, seen]) => {
    const generator = generatorTo(await serverThat(serves), { protocol });
    expect(await generator.probe('plain')).toMatchObject(seen);
  });

  test('no server', async () => {
    const generator = generatorTo(somePort(), { protocol });
    expect(await generator.probe('plain')).toMatchObject({ class: 'refused', code: 'ECONNREFUSED' });
  });
});

test('a server may speak first', async () => {
  const server = createServer((socket) => {
    socket.write('hello\n');
    socket.once('data', () => socket.write('ping\n')).on('error', () => {});
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const generator = generatorTo(port, { protocol: { ...echo, greets: 'yes' } });
  expect(await generator.probe('plain')).toMatchObject({ class: 'answered', bytes: 5 });
});

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

test('a paused generator begins no requests until it is resumed', async () => {
  const port = await serverThat((socket) => socket.write('ping\n'));
  const generator = generatorTo(port, { spec: { ...none, new: 100 }, protocol: echo });
  await generator.start();
  const next = () =>
    new Promise<void>((resolve) => {
      generator.onFinished = () => resolve();
    });
  await next();
  await generator.send('paused');
  const pausedAt = Number(process.hrtime.bigint()) / 1e6;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(generator.requests.filter(({ startedAt }) => startedAt > pausedAt)).toEqual([]);
  await generator.send('on');
  await next();
  await generator.stop();
  expect(generator.requests.some(({ startedAt }) => startedAt > pausedAt)).toBe(true);
});

test('the generator begins no request after a given moment until it is resumed', async () => {
  const port = await serverThat((socket) => socket.write('ping\n'));
  const generator = generatorTo(port, { spec: { ...none, new: 100, pooled: 2 }, protocol: echo });
  await generator.start();
  await until('a request', () => generator.requests.length > 0);
  const last = monotonicMs() + 100;
  await generator.rouse(last);
  // A busy machine may tell it after that moment.
  const knownFrom = Math.max(last, monotonicMs());
  await until('that moment, and more', () => monotonicMs() > knownFrom + 100);
  const resumedAt = monotonicMs();
  await generator.send('on');
  const isLater = ({ startedAt }: FinishedRequest) => startedAt >= resumedAt;
  await until('more requests', () => generator.requests.some(isLater));
  await generator.stop();
  expect(generator.requests.filter((one) => one.startedAt >= knownFrom && !isLater(one))).toEqual([]);
});

test('an answer of 1 GB is read, and not kept', async () => {
  const block = Buffer.alloc(1 << 20);
  const size = 1 << 30;
  const port = await serverThat((socket) => {
    let left = size / block.length;
    const more = () => {
      while (left-- > 0) if (!socket.write(block)) return void socket.once('drain', more);
    };
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
    more();
  });
  const generator = generatorTo(port, { timeoutMs: 60_000 });
  expect(await generator.probe('plain')).toMatchObject({ class: 'answered', bytes: size });
  const peaks = descendantsOf(process.pid).map(({ pid }) =>
    Number(/VmHWM:\s+(\d+)/.exec(readProc(`${pid}/status`))?.[1] ?? 0),
  );
  expect(Math.max(...peaks)).toBeLessThan(400_000);
});

test('a regular expression that does not end is abandoned', async () => {
  const port = await serverThat((socket) => socket.write(`${'a'.repeat(40)}!`));
  const generator = generatorTo(port, {
    protocol: { ...echo, answer: { source: '^(a+)+$', flags: '' } },
    timeoutMs: 20_000,
  });
  expect(await generator.probe('plain')).toMatchObject({ class: 'garbled', code: 'SLOW_REGEX' });
});

test.each([
  ['no flag', '^ping\\n$', '', ['PING\n'], 'timed out'],
  ['case is ignored', '^ping\\n$', 'i', ['PING\n'], 'answered'],
  ['a dot is any character', '^ping.$', 's', ['ping\n'], 'answered'],
  ['each line has an end', '^ping$', 'm', ['more\nping\n'], 'answered'],
  ['each answer is matched from its beginning', 'ping', 'g', ['ping\n', 'ping\n', 'ping\n'], 'answered'],
  ['so is one that must match there', 'ping', 'y', ['ping\n', 'ping\n'], 'answered'],
] as const)('a regular expression with flags: %s', async (_, source, flags, answers, ending) => {
  let asked = 0;
  const port = await serverThat((socket) => socket.write(answers[asked++ % answers.length] ?? ''));
  const timeoutMs = ending === 'answered' ? 20_000 : 300;
  const generator = generatorTo(port, { protocol: { ...echo, answer: { source, flags } }, timeoutMs });
  for (const _ of answers) expect(await generator.probe('plain')).toMatchObject({ class: ending });
});

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
