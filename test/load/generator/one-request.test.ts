import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { FinishedRequest } from '../../../src/load/request.ts';
import { descendantsOf } from '../../../src/observe/processes.ts';
import { readProc } from '../../support/program.ts';
import { somePort } from '../../support/sockets.ts';
import { echo, generatorTo, http, servers, serverThat, whole } from './generators.ts';

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
