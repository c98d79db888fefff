import { describe, expect, test } from 'vitest';
import { asked, merge, traced } from './changes.ts';

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
