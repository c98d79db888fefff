import { describe, expect, test } from 'vitest';
import {
  type ConnectionSegment,
  finsAndAnswers,
  fitsNow,
  flagsOf,
  gapsOfRepeats,
  howEnded,
} from '../../src/kit/kit.ts';
import type { Flag } from '../../src/observe/packets/segment.ts';

type Sent = Partial<ConnectionSegment> & Pick<ConnectionSegment, 'sender'>;

/** In the order of their arrival, a millisecond apart if they do not say when. */
function segmentsOf(...sent: readonly Sent[]): ConnectionSegment[] {
  const endpoint = { address: '127.0.0.1', port: 1 };
  return sent.map((one, i) => ({
    ...{ at: i, from: endpoint, to: endpoint, flags: ['ACK'] as Flag[], sequence: 0, acknowledgment: 0 },
    ...{ window: 0, length: 0, timestamps: null, header: '', packet: Buffer.alloc(0), source: 'kernel' },
    ...{ relativeSequence: 0, relativeAcknowledgment: 0, unheard: false },
    ...one,
  }));
}

const fin: Sent = { sender: 'server', flags: ['FIN', 'ACK'], sequence: 100 };
const answer: Sent = { sender: 'client', acknowledgment: 101 };

describe('the answer to a FIN', () => {
  const answered = (...sent: readonly Sent[]) =>
    finsAndAnswers(segmentsOf(...sent), 'server').map((one) => one.answer?.at ?? null);

  test.each<[string, readonly Sent[], (number | null)[]]>([
    ['each its own', [fin, answer, fin, answer], [1, 3]],
    ['one of two', [fin, fin, answer], [null, 2]],
    ['none', [fin, fin], [null, null]],
    ['none, where the number is that of before', [fin, { ...answer, acknowledgment: 100 }], [null]],
    ['none, where it came before', [answer, fin], [null]],
    ['none, where the sender answers itself', [fin, { ...answer, sender: 'server' }], [null]],
    ['that of a FIN with data', [{ ...fin, length: 5 }, answer, { ...answer, acknowledgment: 106 }], [2]],
    [
      'behind the end of the numbers',
      [
        { ...fin, sequence: 2 ** 32 - 1 },
        { ...answer, acknowledgment: 0 },
      ],
      [1],
    ],
  ])('is %s', (_, sent, found) => {
    expect(answered(...sent)).toEqual(found);
  });
});

test('the gaps are between the first sending and each that has the same number', () => {
  const data = (at: number, sequence = 1): Sent => ({ sender: 'client', at, sequence, length: 3 });
  const gaps = (...sent: readonly Sent[]) => gapsOfRepeats(segmentsOf(...sent), 'client');
  expect(gaps(data(10), data(219), { sender: 'server', at: 300 }, data(431), data(851))).toEqual([
    209, 212, 420,
  ]);
  expect(gaps(data(10), data(20, 4), data(30))).toEqual([20]);
  expect(gaps(data(10))).toEqual([]);
  expect(gaps()).toEqual([]);
});

describe('an old segment', () => {
  const now = segmentsOf(
    { sender: 'client', sequence: 1000, length: 10 },
    { sender: 'server', sequence: 500, length: 20 },
  );
  test.each([
    ['next, and acknowledges what was sent', 1010, 520, 'fits'],
    ['ahead, and acknowledges what was sent before', 5000, 510, 'fits'],
    ['behind', 1009, 520, 'does not fit'],
    ['next, and acknowledges what was not sent', 1010, 521, 'does not fit'],
  ])('that is %s: %i, %i', (_, sequence, acknowledgment, fits) => {
    const [segment] = segmentsOf({ sender: 'client', sequence, acknowledgment });
    if (segment === undefined) throw new Error('there is one');
    expect(fitsNow({ segment }, { segments: now })).toBe(fits);
    // What was replayed was not sent by a side.
    const replayed = segmentsOf({ sender: 'client', sequence: 9000, length: 9, source: 'replay' });
    expect(fitsNow({ segment }, { segments: [...now, ...replayed] })).toBe(fits);
    expect(fitsNow({ segment }, { segments: [] })).toBe('does not fit');
  });
});

test('flags and ends of processes are in words', () => {
  const [segment] = segmentsOf({ sender: 'client', flags: ['PSH', 'ACK'] });
  expect([flagsOf(segment), flagsOf(undefined)]).toEqual(['PSH ACK', 'nothing']);
  expect(howEnded({ state: 'killed', signal: 'SIGABRT' })).toBe('SIGABRT');
  expect(howEnded({ state: 'exited', status: 3 })).toBe('status 3');
  expect(howEnded({ state: 'not ended' })).toBe('not ended');
});
