import { describe, expect, test } from 'vitest';
import { mergeTrace } from '../../../src/observe/packets/merge-trace.ts';
import type { Transition } from '../../../src/observe/packets/transitions.ts';
import type { State } from '../../../src/state.ts';

const local = { address: '127.0.0.1', port: 40_000 };
const remote = { address: '127.0.0.1', port: 80 };

/** What polling saw: between these two times, the socket of this number changed. */
function asked(
  from: State | null,
  to: State | null,
  between: readonly [number | null, number],
  rest: Partial<Transition> = {},
) {
  const [notBefore, at] = between;
  return { notBefore, at, processed: null, local, remote, socket: '7', from, to, ...rest };
}

/** What a tracepoint reported: its time is exact, its socket has no number. */
function traced(from: State | null, to: State | null, at: number, rest: Partial<Transition> = {}) {
  return { notBefore: at, at, processed: null, local, remote, socket: '', from, to, ...rest };
}

const told = (merged: readonly Transition[]) =>
  merged.toSorted((one, other) => one.at - other.at).map(({ from, to, at }) => `${at} ${from} ${to}`);
const merge = (polled: readonly Transition[], trace: readonly Transition[]) =>
  told(mergeTrace(polled, trace));

describe('of a trace and of polling', () => {
  test('what was traced has its exact time, once', () => {
    const polled = [asked('ESTABLISHED', 'FIN_WAIT1', [4, 6])];
    expect(merge(polled, [traced('ESTABLISHED', 'FIN_WAIT1', 5)])).toEqual(['5 ESTABLISHED FIN_WAIT1']);
  });

  test('a socket that was never polled is left out: it may be of another network', () => {
    expect(merge([], [traced('ESTABLISHED', 'FIN_WAIT1', 5)])).toEqual([]);
  });

  test('each side of a connection is merged with its own trace', () => {
    const other = { local: remote, remote: local };
    const polled = [
      asked('ESTABLISHED', 'FIN_WAIT1', [4, 6]),
      asked('ESTABLISHED', 'CLOSE_WAIT', [4, 6], other),
    ];
    const trace = [traced('ESTABLISHED', 'CLOSE_WAIT', 5.5, other), traced('ESTABLISHED', 'FIN_WAIT1', 5)];
    expect(merge(polled, trace)).toEqual(['5 ESTABLISHED FIN_WAIT1', '5.5 ESTABLISHED CLOSE_WAIT']);
    expect(merge(polled.slice(0, 1), trace)).toEqual(['5 ESTABLISHED FIN_WAIT1']);
  });

  test('a change came with the segment around which the socket was polled', () => {
    const [early, late] = [
      { at: 1, header: 'early' },
      { at: 5, header: 'late' },
    ];
    const polled = [
      asked('ESTABLISHED', 'ESTABLISHED', [null, 2], { processed: early }),
      asked('ESTABLISHED', 'ESTABLISHED', [3, 4.8]),
      asked('FIN_WAIT1', 'FIN_WAIT2', [4.5, 6], { processed: late }),
    ];
    const processed = (at: number) =>
      mergeTrace(polled, [traced('ESTABLISHED', 'CLOSE_WAIT', at)])[0]?.processed;
    expect([1.5, 2, 3.5, 4.5, 5, 6, 6.5].map((at) => processed(at)?.header)).toEqual([
      ...['early', 'early', undefined, 'late', 'late', 'late', undefined],
    ]);
  });
});

describe('when the trace reports that a socket in FIN_WAIT2 was closed', () => {
  const closed = traced('FIN_WAIT2', null, 5);

  test.each([
    // Whether its owner was gone or the FIN had arrived is not known before it is seen.
    [
      'is seen in TIME_WAIT around that time: from then on',
      [asked('FIN_WAIT2', 'TIME_WAIT', [4, 6])],
      ['6 FIN_WAIT2 TIME_WAIT'],
    ],
    [
      'was last seen in TIME_WAIT: since that time',
      [asked('ESTABLISHED', 'TIME_WAIT', [null, 4])],
      ['5 FIN_WAIT2 TIME_WAIT'],
    ],
    [
      'leaves TIME_WAIT later: it was in it since, and then is gone',
      [asked('TIME_WAIT', null, [60, 61])],
      ['5 FIN_WAIT2 TIME_WAIT', '61 TIME_WAIT null'],
    ],
    [
      'is in FIN_WAIT2 until later: it lives on without its owner, and polling sees its end',
      [asked('FIN_WAIT2', 'TIME_WAIT', [8, 9])],
      ['9 FIN_WAIT2 TIME_WAIT'],
    ],
    ['is still in FIN_WAIT2', [asked('FIN_WAIT1', 'FIN_WAIT2', [3, 4])], []],
    ['is seen no more: it is gone from then on', [asked('FIN_WAIT2', null, [4, 6])], ['6 FIN_WAIT2 null']],
    [
      'was seen in another state before: it is gone',
      [asked('FIN_WAIT2', null, [3, 4])],
      ['5 FIN_WAIT2 null'],
    ],
  ] as const)('and it %s', (_, polled, merged) => {
    expect(merge(polled, [closed])).toEqual(merged);
  });

  test('its TIME_WAIT keeps the number of the socket', () => {
    const socketOf = (polled: Transition) => mergeTrace([polled], [closed])[0]?.socket;
    expect(socketOf(asked('FIN_WAIT2', 'TIME_WAIT', [4, 6]))).toBe('7');
    expect(socketOf(asked('ESTABLISHED', 'TIME_WAIT', [null, 4]))).toBe('7');
  });

  test('the time when it was seen in TIME_WAIT is between the trace and the poll', () => {
    const [seen] = mergeTrace([asked('FIN_WAIT2', 'TIME_WAIT', [4, 6])], [closed]);
    expect(seen).toMatchObject({ notBefore: 5, at: 6 });
  });
});

describe('when the answer to a query comes after the close of the socket', () => {
  const beforeThat = traced('FIN_WAIT1', 'FIN_WAIT2', 4);
  const closed = traced('FIN_WAIT2', null, 5);
  const late = asked('FIN_WAIT1', 'FIN_WAIT2', [3, 5.2]);

  test.each([
    [
      'TIME_WAIT is what the query after it has found',
      [late, asked('FIN_WAIT2', 'TIME_WAIT', [4.8, 6]), asked('TIME_WAIT', null, [65, 66])],
      ['4 FIN_WAIT1 FIN_WAIT2', '6 FIN_WAIT2 TIME_WAIT', '66 TIME_WAIT null'],
    ],
    [
      'so it is if the query had read an earlier state',
      [asked('ESTABLISHED', 'FIN_WAIT1', [3, 5.2]), asked('FIN_WAIT1', 'TIME_WAIT', [4.8, 6])],
      ['4 FIN_WAIT1 FIN_WAIT2', '6 FIN_WAIT2 TIME_WAIT'],
    ],
    [
      'it is gone when the query after it finds nothing',
      [late, asked('FIN_WAIT2', null, [4.8, 6])],
      ['4 FIN_WAIT1 FIN_WAIT2', '6 FIN_WAIT2 null'],
    ],
    [
      'it lives on if later queries find it still',
      [late, asked('FIN_WAIT2', 'TIME_WAIT', [7, 8])],
      ['4 FIN_WAIT1 FIN_WAIT2', '8 FIN_WAIT2 TIME_WAIT'],
    ],
    [
      'a TIME_WAIT that ends at once is reported with its end',
      [asked('FIN_WAIT1', 'TIME_WAIT', [3, 5.2]), asked('TIME_WAIT', null, [4.9, 6])],
      ['4 FIN_WAIT1 FIN_WAIT2', '5.2 FIN_WAIT2 TIME_WAIT', '6 TIME_WAIT null'],
    ],
  ] as const)('%s', (_, polled, merged) => {
    expect(merge(polled, [beforeThat, closed])).toEqual(merged);
  });

  test('SYN_SENT comes before the trace reports its end', () => {
    const trace = [traced('SYN_SENT', 'ESTABLISHED', 1.5)];
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], trace)).toEqual([
      '1.5 null SYN_SENT',
      '1.5 SYN_SENT ESTABLISHED',
    ]);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [traced('SYN_SENT', 'ESTABLISHED', 1)])).toEqual([
      '1 null SYN_SENT',
      '1 SYN_SENT ESTABLISHED',
    ]);
    // Of a socket before it, or of one that lives on, it is not the end.
    const others = [traced('SYN_SENT', 'ESTABLISHED', 0.9), traced('ESTABLISHED', null, 1.5)];
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [...others, traced('SYN_SENT', null, 3)])).toContain(
      '2 null SYN_SENT',
    );
  });
});

describe('what happens at the very time of a query', () => {
  const closed = traced('FIN_WAIT2', null, 5);

  test('is seen by the query that ends then, and by the one that begins then', () => {
    const ends = [asked('FIN_WAIT2', 'TIME_WAIT', [4, 5]), asked('TIME_WAIT', null, [6, 7])];
    expect(merge(ends, [closed])).toEqual(['5 FIN_WAIT2 TIME_WAIT', '7 TIME_WAIT null']);
    expect(merge([asked('FIN_WAIT2', null, [5, 7])], [closed])).toEqual(['7 FIN_WAIT2 null']);
    expect(merge([asked('FIN_WAIT2', 'TIME_WAIT', [5, 7])], [closed])).toEqual(['7 FIN_WAIT2 TIME_WAIT']);
  });

  test('counts for the first of the queries around it that found the socket gone or replaced', () => {
    const replaced = [asked('FIN_WAIT2', 'TIME_WAIT', [4, 5]), asked('TIME_WAIT', null, [4.9, 7])];
    expect(merge(replaced, [closed])).toEqual(['5 FIN_WAIT2 TIME_WAIT', '7 TIME_WAIT null']);
    const again = [asked('FIN_WAIT2', null, [4, 6]), asked(null, 'SYN_SENT', [4.9, 7])];
    expect(merge(again, [closed])).toEqual(['6 FIN_WAIT2 null', '7 null SYN_SENT']);
    expect(merge([asked('ESTABLISHED', 'FIN_WAIT1', [4, 6])], [closed])).toEqual(['6 FIN_WAIT2 null']);
  });

  test('a request that is seen as the socket before it ends is its own', () => {
    const trace = [traced('LAST_ACK', null, 2), traced(null, 'SYN_RECV', 3)];
    expect(merge([asked(null, 'SYN_RECV', [1, 2])], trace)).toEqual([
      '2 null SYN_RECV',
      '2 LAST_ACK null',
      '3 null SYN_RECV',
    ]);
    expect(merge([asked(null, 'SYN_RECV', [1, 3])], [traced(null, 'SYN_RECV', 3)])).toEqual([
      '3 null SYN_RECV',
    ]);
  });
});

test('a pair that is used again later was gone in between, if nothing was there before', () => {
  const again = [asked(null, 'SYN_SENT', [70, 71]), asked('SYN_SENT', 'TIME_WAIT', [72, 73])];
  expect(merge(again, [traced('FIN_WAIT2', null, 5)])).toContain('5 FIN_WAIT2 null');
});

test('a change to another state is reported as it was traced, whatever queries have seen', () => {
  const polled = [asked('FIN_WAIT2', 'TIME_WAIT', [4, 6])];
  expect(merge(polled, [traced('FIN_WAIT2', 'CLOSING', 5)])).toEqual(['5 FIN_WAIT2 CLOSING']);
});

describe('when the trace reports that a socket in CLOSING was closed', () => {
  const closed = traced('CLOSING', null, 5);

  test.each([
    [
      'is seen in TIME_WAIT around that time: since the trace',
      [asked('CLOSING', 'TIME_WAIT', [4, 6])],
      ['5 CLOSING TIME_WAIT'],
    ],
    ['is seen no more: it is gone', [asked('CLOSING', null, [4, 6])], ['5 CLOSING null']],
  ] as const)('and it %s', (_, polled, merged) => {
    expect(merge(polled, [closed])).toEqual(merged);
  });
});

test('a full socket that was closed in another state is gone, whatever was there later', () => {
  const polled = [asked('TIME_WAIT', null, [60, 61])];
  expect(merge(polled, [traced('LAST_ACK', null, 5)])).toEqual(['5 LAST_ACK null', '61 TIME_WAIT null']);
});

describe('the smaller socket that remains', () => {
  test('is reported only by polling, after the full one was closed', () => {
    const polled = [asked('FIN_WAIT2', 'TIME_WAIT', [8, 9]), asked('TIME_WAIT', null, [68, 69])];
    expect(merge(polled, [traced('FIN_WAIT2', null, 5)])).toEqual([
      '9 FIN_WAIT2 TIME_WAIT',
      '69 TIME_WAIT null',
    ]);
  });

  test('is reported by its end in TIME_WAIT, though the trace began after its full one was closed', () => {
    expect(merge([asked('TIME_WAIT', null, [68, 69])], [])).toEqual(['69 TIME_WAIT null']);
  });

  test('is not reported as long as the full one exists: the trace reports all of that', () => {
    const polled = [asked('FIN_WAIT2', null, [8, 9])];
    expect(merge(polled, [traced('FIN_WAIT1', 'FIN_WAIT2', 5)])).toEqual(['5 FIN_WAIT1 FIN_WAIT2']);
    expect(merge(polled, [])).toEqual([]);
  });
});

describe('SYN_SENT and SYN_RECV', () => {
  const request = asked(null, 'SYN_RECV', [1, 2]);

  test('are reported by polling if no trace reports them within that time', () => {
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [])).toEqual(['2 null SYN_SENT']);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [traced(null, 'SYN_SENT', 1)])).toEqual([
      '1 null SYN_SENT',
    ]);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [traced(null, 'SYN_SENT', 2)])).toEqual([
      '2 null SYN_SENT',
    ]);
    const late = traced(null, 'SYN_SENT', 3);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [late])).toEqual(['2 null SYN_SENT', '3 null SYN_SENT']);
    const early = traced(null, 'SYN_SENT', 0.5);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [early])).toEqual([
      '0.5 null SYN_SENT',
      '2 null SYN_SENT',
    ]);
  });

  test('are not confused with another change at that time', () => {
    expect(merge([request], [traced('SYN_SENT', 'SYN_RECV', 1.5)])).toEqual([
      '1.5 SYN_SENT SYN_RECV',
      '2 null SYN_RECV',
    ]);
    expect(merge([request], [traced(null, 'SYN_SENT', 1.5)])).toEqual([
      '1.5 null SYN_SENT',
      '2 null SYN_RECV',
    ]);
  });

  test('polling adds no other state that the trace does not report', () => {
    expect(merge([asked(null, 'LISTEN', [1, 2]), asked('SYN_SENT', 'SYN_RECV', [1, 2])], [])).toEqual([]);
  });

  test('a request is in SYN_RECV since polling saw it, and not since a full socket was made of it', () => {
    const made = traced(null, 'SYN_RECV', 3);
    expect(merge([request], [made, traced('SYN_RECV', 'ESTABLISHED', 3)])).toEqual([
      '2 null SYN_RECV',
      '3 SYN_RECV ESTABLISHED',
    ]);
    // Both sides may have connected, and then it was none.
    expect(merge([request], [traced('SYN_SENT', 'SYN_RECV', 3)])).toEqual([
      '2 null SYN_RECV',
      '3 SYN_SENT SYN_RECV',
    ]);
    expect(merge([asked(null, 'SYN_SENT', [1, 2])], [made])).toEqual(['2 null SYN_SENT', '3 null SYN_RECV']);
    // One that polling sees later is another one.
    expect(merge([asked(null, 'SYN_RECV', [4, 5])], [made])).toEqual(['3 null SYN_RECV', '5 null SYN_RECV']);
  });

  test('a second life of the pair has a request of its own', () => {
    const trace = [traced('LAST_ACK', null, 2.5), traced(null, 'SYN_RECV', 3)];
    expect(merge([request], trace)).toEqual(['2 null SYN_RECV', '2.5 LAST_ACK null', '3 null SYN_RECV']);
  });
});

describe('a connect() that was refused at once', () => {
  const polled = asked('TIME_WAIT', null, [60, 61]);
  const refused = (from: number, to: number) => [
    traced(null, 'SYN_SENT', from),
    traced('SYN_SENT', null, to),
  ];

  test('has left nothing if it took at most 10 microseconds, whatever else was seen then', () => {
    expect(merge([polled], refused(0, 0.01))).toEqual(['61 TIME_WAIT null']);
    expect(merge([asked('TIME_WAIT', null, [39, 41])], refused(40, 40.005))).toEqual(['41 TIME_WAIT null']);
  });

  test('has left nothing', () => {
    expect(merge([polled], refused(40, 40.005))).toEqual(['61 TIME_WAIT null']);
  });

  test.each([
    ['it took longer', refused(40, 40.5), []],
    ['polling saw it', refused(40, 40.005), [asked(null, 'SYN_SENT', [39, 41])]],
    ['polling saw it when it began', refused(40, 40.005), [asked(null, 'SYN_SENT', [39, 40])]],
  ])('is reported if %s', (_, trace, more) => {
    expect(merge([...more, polled], trace).slice(0, 2)).toEqual([
      '40 null SYN_SENT',
      `${trace[1]?.at} SYN_SENT null`,
    ]);
  });

  test('is not what polling saw before or after', () => {
    const elsewhere = [asked(null, 'SYN_SENT', [30, 31]), asked(null, 'SYN_SENT', [50, 51])];
    expect(merge([...elsewhere, polled], refused(40, 40.005))).toEqual([
      '31 null SYN_SENT',
      '51 null SYN_SENT',
      '61 TIME_WAIT null',
    ]);
  });

  test('is neither a socket that was answered nor one with an earlier state', () => {
    const answered = [traced(null, 'SYN_SENT', 40), traced('SYN_SENT', 'ESTABLISHED', 40.001)];
    expect(merge([polled], answered)).toEqual([
      '40 null SYN_SENT',
      '40.001 SYN_SENT ESTABLISHED',
      '61 TIME_WAIT null',
    ]);
    const ended = [traced(null, 'SYN_RECV', 40), traced('SYN_RECV', null, 40.001)];
    expect(merge([polled], ended).slice(0, 2)).toEqual(['40 null SYN_RECV', '40.001 SYN_RECV null']);
    const reopened = [traced('CLOSED', 'SYN_SENT', 40), traced('SYN_SENT', null, 40.001)];
    expect(merge([polled], reopened)).toContain('40 CLOSED SYN_SENT');
  });
});
