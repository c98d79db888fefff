import { formatEndpoint } from '../address.ts';
import { type Harmless, harmless } from '../foreign.ts';
import { formatSpan, within } from '../time.ts';
import { AnswerReader, type Head, longestAnswer, type Progress } from './answer.ts';
import { type Connection, firstLine } from './connection.ts';
import type { FoundPlace } from './place.ts';
import type { Question } from './probe.ts';

/** The result of one request. `at` is when the last byte of the answer arrived, by performance.now(). */
export type Exchange =
  | { readonly state: 'answered'; readonly head: Head | null; readonly at: number }
  | { readonly state: 'ended' | 'failed'; readonly reason: Harmless };

/** An answer in an unknown protocol is considered complete when nothing more arrives for this long. */
const quietMs = 200;

/** Sends a request, and waits for the whole answer. */
export async function exchange(
  connection: Connection,
  { request, answerMs, place }: Question,
): Promise<Exchange> {
  const answer = request === null ? httpAnswer(connection, place) : anyAnswer(connection);
  connection.send(request ?? requestFor(place));
  const late = new Error();
  try {
    return await within(answerMs, answer, () => late);
  } catch (error) {
    if (error !== late) throw error;
    const reason = harmless(
      `no complete answer within ${formatSpan(answerMs)}: give another --path or --request, or more with --answer-timeout`,
    );
    return { state: 'failed', reason };
  } finally {
    connection.onData = () => {};
  }
}

function requestFor({ host, port, path }: FoundPlace): Buffer {
  const name = formatEndpoint({ address: host, port });
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: tcpclose\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n`,
    'latin1',
  );
}

function httpAnswer(connection: Connection, place: FoundPlace): Promise<Exchange> {
  const reader = new AnswerReader();
  let first: Buffer | undefined;
  return new Promise((resolve) => {
    const take = (progress: Progress, at: number) => {
      switch (progress.state) {
        case 'more':
          return;
        case 'complete':
          return resolve({ state: 'answered', head: progress.head, at });
        case 'too long':
          return resolve({ state: 'failed', reason: tooLong });
        case 'garbage':
          return resolve({ state: 'failed', reason: whyNotHttp(first ?? Buffer.alloc(0), place) });
      }
    };
    connection.onData = (data, at) => {
      first ??= data;
      const misled = whyMisled(first, place);
      if (misled !== undefined) resolve({ state: 'failed', reason: misled });
      else take(reader.push(data), at);
    };
    void connection.ended.then(({ by, at }) => {
      take(reader.end(), at);
      resolve(noAnswer(by));
    });
  });
}

function anyAnswer(connection: Connection): Promise<Exchange> {
  let received = 0;
  return new Promise((resolve) => {
    let quiet: NodeJS.Timeout | undefined;
    connection.onData = (data, at) => {
      received += data.length;
      clearTimeout(quiet);
      if (received > longestAnswer) return resolve({ state: 'failed', reason: tooLong });
      quiet = setTimeout(() => resolve({ state: 'answered', head: null, at }), quietMs);
    };
    void connection.ended.then(({ by, at }) => {
      clearTimeout(quiet);
      if (received > 0) resolve({ state: 'answered', head: null, at });
      else resolve(noAnswer(by));
    });
  });
}

function noAnswer(by: string): Exchange {
  const reason = `the server closed (${by}) without an answer: give another --path, or bytes that it understands with --request`;
  return { state: 'ended', reason: harmless(reason) };
}

const tooLong = harmless(
  `the answer is longer than ${longestAnswer / 1024 / 1024} MiB: ask for less with --path`,
);

/** Why the server seems to expect TLS, which it may show in various ways; undefined if it does not. */
function whyMisled(first: Buffer, { tls }: FoundPlace): Harmless | undefined {
  if (tls === 'on') return undefined;
  // A TLS record of type alert, RFC 8446, section 5.1; nginx and Go answer in HTTP.
  const isAlert = first[0] === 0x15 && first[1] === 0x03;
  const text = first.toString('latin1');
  const isTold =
    /^HTTP\/1\.\d 400 /.test(text) &&
    /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server/i.test(text);
  return isAlert || isTold ? harmless('the port speaks TLS: give --tls') : undefined;
}

function whyNotHttp(first: Buffer, place: FoundPlace): Harmless {
  const line = firstLine(first);
  const spoken = line === '' ? 'bytes' : `"${line}"`;
  const remedy = place.tls === 'on' ? '' : ', or --tls if it speaks TLS';
  return harmless(`the answer is not HTTP (${spoken}): give the bytes of a request with --request${remedy}`);
}
