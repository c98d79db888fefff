import { describe, expect, test } from 'vitest';
import { type About, checkOf } from '../../../src/scenario/expect/report.ts';

describe('a check', () => {
  /** What it says of the claim that it bears on. */
  const saidBy = (about: About, agrees: boolean, found: readonly (string | number)[] = []) =>
    checkOf({ title: 'a check', expected: 'this', observed: 'that', agrees, found }, about).bearings[0]
      ?.finding;

  test.each([
    [{ supports: 'C42' }, 'holds'],
    [{ refutes: 'C42' }, 'refuted'],
    [{ excludes: 'C42' }, 'does not apply'],
  ] as const)('that comes out as expected says what it is for: %j', (about, finding) => {
    expect(saidBy(about, true, ['this'])).toBe(finding);
  });

  test.each([
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT'], 'refuted'],
    [{ refutes: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT'], 'holds'],
    [{ supports: 'C42', otherwise: ['a', 'b'] }, ['b'], 'refuted'],
    [{ supports: 'C42', otherwise: { atLeast: 5 } }, [5], 'refuted'],
    [{ supports: 'C42', otherwise: { atMost: 5 } }, [4, 5], 'refuted'],
    [{ supports: 'C42' }, ['TIME_WAIT'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['gone'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, ['TIME_WAIT', 'gone'], 'not decided'],
    [{ supports: 'C42', otherwise: 'TIME_WAIT' }, [], 'not decided'],
    [{ supports: 'C42', otherwise: { atLeast: 5 } }, [4, 6], 'not decided'],
    [{ supports: 'C42', otherwise: { atMost: 5 } }, ['4'], 'not decided'],
    [{ excludes: 'C42', otherwise: 'set' }, ['set'], 'not decided'],
  ] as const)(
    'that is contradicted decides only by what the opposite predicts: %j, %j',
    (about, found, said) => {
      expect(saidBy(about, false, found)).toBe(said);
    },
  );
});
