import { expect, test } from 'vitest';
import type { FinishedRequest } from '../../../src/load/request.ts';
import type { Moments } from '../../../src/restart/load/account.ts';
import { type Known, lostOf } from '../../../src/restart/load/lost.ts';
import type { LastSeen } from '../../../src/restart/load/table-watch.ts';

const moments: Moments = {
  ...{ loadFrom: 0, signal: 1000, listenerGone: 1010, exited: 5000, lastAlive: 4995 },
  ...{
    started: 5010,
    listens: 5100,
    answers: 5150,
    listensSeenBy: 'calls',
    goneSeenBy: 'notice',
    exitSeenBy: 'wait',
  },
};
const kept = { endedAt: 900, announcedClose: false };

/** A request on a kept connection, which the server ended 400 ms later: on a busy machine it may still have been on its way. */
const lost: FinishedRequest = {
  ...{ id: 1, kind: 'pooled', class: 'closed', endedBy: 'FIN', followedBy: null, code: null, status: null },
  ...{ bytes: 0, delimited: 'itself', announcesClose: false, connection: 1, localPort: 40_001, use: 3 },
  ...{ startedAt: 1100, sentAt: 1101, connectedAt: 100, endedAt: 1500, previous: kept },
};
const reset = { ...lost, class: 'reset', endedBy: 'RST', code: 'ECONNRESET' } as const;
const answered = { ...lost, class: 'answered', endedBy: null } as const;
const slowOne = { ...answered, kind: 'slow', startedAt: 1050, sentAt: 1051, endedAt: 1900 } as const;
const lateOne = { ...answered, startedAt: 300, sentAt: 301, endedAt: 850 } as const;
const read: LastSeen = { at: 1400, place: 'accepted', unread: 0 };

function causesOf(
  requests: readonly FinishedRequest[],
  look?: LastSeen,
  others: readonly FinishedRequest[] = [],
  change: Partial<Moments> = {},
) {
  const known: Known = {
    ...{
      moments: { ...moments, ...change },
      exit: 'by itself',
      preStopMs: undefined,
      usualBytes: null,
      stranger: 'none',
      answered: others,
    },
    ...{ seen: new Map(look === undefined ? [] : [[lost.localPort, look]]), statusesBefore: new Set([200]) },
  };
  return lostOf(requests, known).map(({ cause }) => cause);
}

test.each([
  ['RST came: it was not read', [reset], undefined, [], 'cuts-keep-alive'],
  ['RST came at once after FIN', [{ ...lost, followedBy: 'RST' }], undefined, [], 'cuts-keep-alive'],
  ['RST came, and the table showed that it was read', [reset], read, [], 'cuts-requests'],
  ['RST came, and the table showed it unread', [reset], { ...read, unread: 80 }, [], 'cuts-keep-alive'],
  ['RST came, and the table is older than it', [reset], { ...read, at: 1090 }, [], 'cuts-keep-alive'],
  ['only FIN came: it was read', [lost], undefined, [], 'cuts-requests'],
  [
    'only FIN came, while an older request was answered',
    [lost],
    undefined,
    [slowOne, lateOne],
    'cuts-keep-alive',
  ],
  ['so long that none was late by as much', [lost], undefined, [slowOne], 'cuts-requests'],
  [
    'an older request was answered before',
    [lost],
    undefined,
    [{ ...slowOne, endedAt: 1520 }, lateOne],
    'cuts-requests',
  ],
  [
    'the second start answered',
    [lost],
    undefined,
    [{ ...slowOne, connectedAt: 5200, endedAt: 5300 }, lateOne],
    'cuts-requests',
  ],
] as const)(
  'a request is named by what the kernel shows, however long it waited: %s',
  (_, requests, look, others, cause) => {
    expect(causesOf(requests, look, others)).toEqual([cause]);
  },
);

test('a server that ends requests which it has had for a while ends the others in the same way', () => {
  expect(causesOf([reset, { ...lost, kind: 'slow' }])).toEqual(['cuts-requests', 'cuts-requests']);
  expect(causesOf([reset, lost])).toEqual(['cuts-keep-alive', 'cuts-requests']);
});

test.each([
  ['its exit is reported late', lost, { exited: 1700, lastAlive: 1090 }, 'exits-at-once'],
  ['its exit is reported very late', lost, { exited: 2600, lastAlive: 1490 }, 'exits-at-once'],
  ['it still ran then', lost, { exited: 1700, lastAlive: 1505 }, 'cuts-requests'],
  ['nothing is known of that', lost, { exited: 1700, lastAlive: null }, 'cuts-requests'],
  ['it had run for long', { ...lost, endedAt: 2500 }, { exited: 2700, lastAlive: 2490 }, 'drain-too-short'],
] as const)(
  'an exit ended a connection only if the process did not run afterwards: %s',
  (_, request, change, cause) => {
    expect(causesOf([request], undefined, [], change)).toEqual([cause]);
  },
);

test.each([
  ['ended before the second start began', 1510, 'exits-at-once'],
  ['ended before the second start listened', 1590, 'exits-at-once'],
  ['ended when the second start listened', 1610, 'second-start-loses'],
])('a connection that its client saw after the exit, and that %s', (_, endedAt, cause) => {
  const times = { exited: 1500, started: 1520, listens: 1600, answers: 1700 };
  const one = { ...lost, kind: 'new', use: 1, previous: null, startedAt: 1495, connectedAt: 1505 } as const;
  expect(causesOf([{ ...one, endedAt }], undefined, [], times)).toEqual([cause]);
});
