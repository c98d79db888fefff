import { describe, expect, test } from 'vitest';
import { mergeTrace } from '../../../../src/observe/packets/merge-trace.ts';
import type { Transition } from '../../../../src/observe/packets/transitions.ts';
import { asked, merge, traced } from './changes.ts';

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
