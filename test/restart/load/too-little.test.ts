import { expect, test } from 'vitest';
import type { FinishedRequest } from '../../../src/load/request.ts';
import { missedBy } from '../../../src/restart/load/missed.ts';
import type { LoadOptions } from '../../../src/restart/load/options.ts';
import { tooLittle } from '../../../src/restart/load/too-little.ts';

const answered: FinishedRequest = {
  ...{ id: 1, kind: 'new', class: 'answered', endedBy: null, code: null, status: 200, bytes: 5 },
  ...{ delimited: 'itself', announcesClose: true, connection: 1, localPort: 40_001, use: 1 },
  ...{ startedAt: 900, connectedAt: 901, sentAt: 902, endedAt: 950, followedBy: null, previous: null },
};
const many = (count: number, change: Partial<FinishedRequest> = {}) =>
  Array.from({ length: count }, () => ({ ...answered, ...change }));
const slow = { kind: 'slow', startedAt: 990 } as const;

const options = (spec: Partial<LoadOptions['spec']>): LoadOptions => ({
  spec: { new: 0, pooled: 0, idle: 0, slow: 0, ...spec },
  protocol: { kind: 'http', path: '/', slowPath: null, body: null },
  ...{ tls: null, requestTimeoutMs: 1000, allowedLoss: 0, drainMs: undefined, preStopMs: undefined },
});
const moments = {
  ...{
    loadFrom: 0,
    signal: 1000,
    listenerGone: 1001,
    exited: 1002,
    lastAlive: 1001,
    started: 1003,
    listens: 1004,
  },
  answers: 1005,
  goneSeenBy: 'table',
  exitSeenBy: 'wait',
  listensSeenBy: 'table',
} as const;
/** A generator that got no CPU between these moments. */
const stalled = (from: number, until: number) => ({
  ...{ newAsked: 100, newMade: 100, latestMs: until - from },
  stalls: [{ from, until }],
});
const enough = {
  options: options({ new: 50 }),
  before: many(50),
  after: many(50),
  done: { newAsked: 100, newMade: 100, latestMs: 20, stalls: [] },
};

test.each([
  ['all was made', {}, null],
  [
    'too few new connections',
    { done: { newAsked: 100, newMade: 80, latestMs: 0, stalls: [] } },
    /^100 new .* and 80 were made/,
  ],
  [
    'its clients stood still',
    { done: { newAsked: 100, newMade: 100, latestMs: 2500, stalls: [] } },
    /stalled for 2500 ms/,
  ],
  [
    'descriptors ran out',
    { after: [...many(40), ...many(10, { class: 'not made', code: 'EMFILE' })] },
    /^10 of 100 requests could not be made on this machine \(EMFILE\): raise the limit with "ulimit -n"/,
  ],
  ['lost before the signal', { before: many(50, { class: 'cut' }) }, /^50 of 50 requests were lost before/],
  [
    'a kind without an answer',
    { options: options({ new: 50, idle: 2 }) },
    /^no idle request was answered before/,
  ],
  ['few after the signal', { after: many(9) }, /^only 9 requests ended after the signal/],
  [
    'no slow request in flight',
    { options: options({ new: 50, slow: 2 }), before: [...many(50), ...many(2, slow)] },
    /^no slow request was in flight/,
  ],
  [
    'a slow request in flight',
    {
      options: options({ new: 50, slow: 2 }),
      before: [...many(50), ...many(2, slow)],
      after: [...many(50), ...many(2, slow)],
    },
    null,
  ],
  [
    'an answer of a slow request that was read after a stall at the signal',
    {
      options: options({ new: 50, slow: 2 }),
      before: [...many(50), ...many(2, slow)],
      after: [...many(50), ...many(2, { ...slow, endedAt: 1020 })],
      done: stalled(991, 1001),
    },
    /^the load stalled at the signal, .* whether a slow request was in flight then is not known: ask for less/,
  ],
  [
    'a slow request that was still in flight after a stall at the signal',
    {
      options: options({ new: 50, slow: 2 }),
      before: [...many(50), ...many(2, slow)],
      after: [...many(50), ...many(2, { ...slow, endedAt: 1060 })],
      done: stalled(991, 1001),
    },
    null,
  ],
  [
    'a stall as long as nothing listened',
    { done: stalled(1001, 1004) },
    /^the load stalled for 3 ms of the 3 ms in which nothing listened, because the machine was too busy: ask/,
  ],
  ['a stall for a part of the time in which nothing listened', { done: stalled(1002.6, 1100) }, null],
  ['a stall before the signal', { done: stalled(500, 990) }, null],
  [
    'a long stall at the signal',
    { done: stalled(900, 1101) },
    /^the load stalled for 1 ms of the 1 ms after the/,
  ],
])('a load that shows nothing is not a verdict: %s', (_, change, reason) => {
  const made = { ...enough, ...change };
  const counted = made.after.filter((request) => request.class !== 'not made');
  const missed = missedBy({ options: made.options, moments, counted, stalls: made.done.stalls });
  const said = tooLittle({ ...made, counted, result: 'allowed', missed });
  if (reason === null) expect(said).toBeNull();
  else expect(said).toMatch(reason);
});
