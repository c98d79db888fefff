import { describe, expect, test } from 'vitest';
import type { Check, Outcome } from '../../src/events.ts';
import { findingsOf } from '../../src/scenario/findings.ts';

const errored: Outcome = { state: 'errored', error: new Error('too slow to see') };
const interrupted: Outcome = { state: 'interrupted', reason: 'Ctrl-C' };

/** What is found of C42 when the only scenario that decides it came out so, after a check that supports it came out so. */
function findingOf(outcome: Outcome | undefined, verdict: Check['verdict']) {
  const check: Check = {
    title: 'additional descriptors',
    expected: '0',
    observed: '0',
    verdict,
    note: null,
    bearings: [{ claim: 'C42', asExpected: 'holds' }],
    raw: null,
    location: null,
  };
  const scenario = { decides: ['C42'], slow: null } as const;
  const findings = findingsOf([{ name: 'a scenario', scenario, outcome, checks: [check] }]);
  return findings.find(({ id }) => id === 'C42');
}

describe('a claim', () => {
  test('holds where the run came to its end', () => {
    expect(findingOf({ state: 'passed' }, 'as expected')).toMatchObject({ finding: 'holds', reason: null });
  });

  test.each([
    [errored, 'a scenario: too slow to see'],
    [interrupted, 'a scenario: Ctrl-C'],
  ])('is not decided by a run that did not: %j', (outcome, reason) => {
    expect(findingOf(outcome, 'as expected')).toMatchObject({ finding: 'not decided', reason });
  });

  test.each([{ state: 'failed' } as const, errored, interrupted])(
    'is refuted by one observation, whatever became of the run: %j',
    (outcome) => {
      expect(findingOf(outcome, 'contradicted')).toMatchObject({ finding: 'refuted' });
    },
  );
});
