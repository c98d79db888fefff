import { describe, expect, test } from 'vitest';
import { mergeTrace } from '../../../../src/observe/packets/merge-trace.ts';
import { asked, local, merge, remote, traced } from './changes.ts';

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

test('a pair that is used again later was gone in between, if nothing was there before', () => {
  const again = [asked(null, 'SYN_SENT', [70, 71]), asked('SYN_SENT', 'TIME_WAIT', [72, 73])];
  expect(merge(again, [traced('FIN_WAIT2', null, 5)])).toContain('5 FIN_WAIT2 null');
});

test('a change to another state is reported as it was traced, whatever queries have seen', () => {
  const polled = [asked('FIN_WAIT2', 'TIME_WAIT', [4, 6])];
  expect(merge(polled, [traced('FIN_WAIT2', 'CLOSING', 5)])).toEqual(['5 FIN_WAIT2 CLOSING']);
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
