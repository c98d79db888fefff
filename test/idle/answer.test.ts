import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader, type Progress } from '../../src/idle/answer.ts';

/** Reads an answer in pieces of that size. */
function read(text: string, size = text.length): Progress['state'] {
  const reader = new AnswerReader();
  let progress: Progress = { state: 'more' };
  for (let at = 0; at < text.length && progress.state === 'more'; at += size)
    progress = reader.push(Buffer.from(text.slice(at, at + size), 'latin1'));
  return progress.state;
}

test.each([
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'complete'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok', 'more'],
  ['HTTP/1.1 204 No Content\r\n\r\n', 'complete'],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'complete'],
  ['HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'complete'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'complete'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nTrailer: 1\r\n\r\n', 'complete'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nok\r\n', 'garbage'],
  ['HTTP/1.1 200 OK\r\n\r\nuntil the end', 'more'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n', 'garbage'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n', 'too long'],
  ['HTTP/2 200\r\n\r\n', 'garbage'],
  ['SSH-2.0-OpenSSH\r\n', 'garbage'],
  [`HTTP/1.1 200 OK\r\n${'a'.repeat(20_000)}`, 'garbage'],
] as const)('%j is %s, however it is cut', (text, state) => {
  for (const size of [text.length, 1, 3]) expect(read(text, size)).toBe(state);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (parts) => {
      const reader = new AnswerReader();
      for (const part of [Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), ...parts])
        if (reader.push(Buffer.from(part)).state !== 'more') return;
      reader.end();
    }),
    { numRuns: 300 },
  );
});

test("the head's statements about its connection are read", () => {
  const progress = new AnswerReader().push(
    Buffer.from(
      'HTTP/1.1 200 OK\r\nServer: x\r\nKeep-Alive: timeout=5, max=100\r\nContent-Length: 0\r\n\r\n',
    ),
  );
  expect(progress).toMatchObject({ head: { keeps: true, timeoutS: 5, max: 100, server: 'x' } });
});

test.each([
  ['HTTP/1.1 200 OK\r\n', true],
  ['HTTP/1.1 200 OK\r\nConnection: Close\r\n', false],
  ['HTTP/1.0 200 OK\r\n', false],
  ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n', true],
])('%j: the connection stays: %s', (head, keeps) => {
  const progress = new AnswerReader().push(Buffer.from(`${head}Content-Length: 0\r\n\r\n`));
  expect(progress).toMatchObject({ head: { keeps } });
});
