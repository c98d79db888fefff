import { describe, expect, test } from 'vitest';
import type { SuiteEvent } from '../../src/events.ts';
import { TimeLeft } from '../../src/report/suite/time-left.ts';

/** Feeds a suite of these scenarios, by name and the seconds that they say they take. */
function suite(members: readonly (readonly [name: string, takes: number, round?: number])[]) {
  const left = new TimeLeft();
  const scenarios = members.map(([name, takes, round = 1]) => ({
    ...{ name, topic: 'x', round },
    takesMs: takes * 1000,
  }));
  left.on({ type: 'suite started', scenarios }, 0);
  const of = (name: string, round: number) =>
    ({ type: 'of scenario', scenario: name, topic: 'x', round }) as const;
  return {
    begin(name: string, atS: number, round = 1) {
      left.on({ ...of(name, round), event: { type: 'note', text: '' } }, atS * 1000);
    },
    end(name: string, atS: number, state: 'passed' | 'skipped' = 'passed', round = 1) {
      const outcome = state === 'passed' ? { state } : { state, reason: 'x' };
      const event: SuiteEvent = {
        ...of(name, round),
        event: { type: 'run finished', outcome, durationMs: 0 },
      };
      left.on(event, atS * 1000);
    },
    leftS: (atS: number) => left.leftMs(atS * 1000) / 1000,
  };
}

describe('the time that a suite may still take', () => {
  test("is the sum of the scenarios' estimates until the first one has ended", () => {
    const { begin, leftS } = suite([
      ['a', 4],
      ['b', 2],
    ]);
    begin('a', 0);
    expect(leftS(1)).toBe(5);
  });

  test('is divided by the number that run at once, and at least the longest of them', () => {
    const { begin, leftS } = suite([
      ['a', 10],
      ['b', 2],
      ['c', 2],
    ]);
    begin('a', 0);
    begin('b', 0);
    expect(leftS(1)).toBe(9);
  });

  test('follows the pace of those that have ended, but not of a skipped one', () => {
    const { begin, end, leftS } = suite([
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ]);
    begin('b', 0);
    end('b', 0, 'skipped');
    begin('a', 0);
    end('a', 3);
    expect(leftS(3)).toBe(6);
  });

  test('is that of the rounds before, if a scenario is repeated', () => {
    const { begin, end, leftS } = suite([
      ['a', 60, 1],
      ['a', 60, 2],
      ['a', 60, 3],
    ]);
    begin('a', 0);
    end('a', 2);
    begin('a', 2, 2);
    expect(leftS(3)).toBe(3);
  });

  test('is 0 when what is left should have ended', () => {
    const { begin, leftS } = suite([['a', 1]]);
    begin('a', 0);
    expect(leftS(5)).toBe(0);
  });
});
