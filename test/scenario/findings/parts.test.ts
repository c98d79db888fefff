import { describe, expect, test } from 'vitest';
import type { ClaimFinding } from '../../../src/scenario/findings.ts';
import { findingOf } from './said.ts';

describe('a claim of several parts', () => {
  const destroyed = { claim: 'C43/destroyed', finding: 'holds' } as const;
  const logged = { claim: 'C43/logged', finding: 'holds' } as const;
  const usual = { claim: 'C43/default', finding: 'holds' } as const;
  const partsOf = (finding: ClaimFinding | undefined) =>
    Object.fromEntries(finding?.parts.map((one) => [one.part, one.finding]) ?? []);

  test('holds if all of them do, and shows the checks of each', () => {
    const found = findingOf('C43', [[destroyed, logged, usual]]);
    expect(found).toMatchObject({ finding: 'holds', under: null, refutedUnder: null, reason: null });
    expect(found?.evidence.map(({ finding }) => finding)).toEqual(['holds', 'holds', 'holds']);
  });

  test('does not apply if no part of it applies', () => {
    const none = [destroyed, logged, usual].map((one) => ({ ...one, finding: 'does not apply' }) as const);
    const found = findingOf('C43', [none]);
    expect(found).toMatchObject({ finding: 'does not apply', reason: null });
    expect(found?.evidence).toHaveLength(3);
  });

  test('is refuted by one of them, and each has a finding of its own', () => {
    const found = findingOf('C43', [[destroyed, { ...logged, finding: 'refuted' }, usual]]);
    expect(found?.finding).toBe('refuted');
    expect(partsOf(found)).toEqual({ default: 'holds', destroyed: 'holds', logged: 'refuted' });
  });

  test('is not decided as long as a part is not decided', () => {
    expect(findingOf('C43', [[destroyed, usual]])).toMatchObject({
      finding: 'not decided',
      reason: expect.stringMatching(/^a warning is logged: scenario 0: did not check it here/),
    });
  });

  test('holds under the settings that a part needs', () => {
    const found = findingOf('C43', [[{ ...destroyed, under: 'a' }, logged, usual]]);
    expect(found).toMatchObject({ finding: 'holds under', under: 'a', refutedUnder: null });
  });

  test('names what several of them need, once each, and under what each was refuted', () => {
    const found = findingOf('C43', [
      [
        { ...destroyed, under: 'a' },
        { ...destroyed, finding: 'refuted', under: 'not a' },
        { ...logged, under: 'b' },
        { ...logged, finding: 'refuted', under: 'not b' },
        { ...logged, finding: 'refuted', under: 'b is 2' },
        { ...usual, under: 'a' },
      ],
    ]);
    expect(found).toMatchObject({
      finding: 'holds under',
      under: 'a, b',
      refutedUnder: 'not a, not b or b is 2',
    });
  });

  test('leaves out the one that does not apply', () => {
    expect(findingOf('C43', [[destroyed, { ...logged, finding: 'does not apply' }, usual]])).toMatchObject({
      finding: 'holds',
    });
  });

  test('is never decided if a part of it cannot be measured', () => {
    const found = findingOf('C56', [[{ claim: 'C56/here', finding: 'holds' }]]);
    expect(found?.finding).toBe('not decided');
    expect(partsOf(found)).toEqual({ here: 'holds', elsewhere: 'not decided' });
    expect(found?.reason).toBe(`${found?.parts[1]?.text}: ${found?.parts[1]?.reason}`);
    expect(found?.parts[1]).toMatchObject({
      reason: 'documented, and not to be measured on this machine',
      evidence: [],
    });
  });

  test('is not changed by what is shown beside it', () => {
    const found = findingOf('C56', [[{ claim: 'C56/2 minutes', finding: 'refuted' }]]);
    expect(found).toMatchObject({
      finding: 'not decided',
      cases: [{ part: '2 minutes', finding: 'refuted' }],
    });
  });
});
