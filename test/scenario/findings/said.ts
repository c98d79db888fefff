/** What checks say of claims, and what is found from that. */
import type { Bearing, Check, Outcome } from '../../../src/events.ts';
import type { ClaimId } from '../../../src/scenario/claims.ts';
import { type ClaimFinding, findingsOf } from '../../../src/scenario/findings.ts';

export const errored: Outcome = { state: 'errored', error: new Error('too slow to see') };
export const interrupted: Outcome = { state: 'interrupted', reason: 'Ctrl-C' };
export const passed: Outcome = { state: 'passed' };

type Said = Pick<Bearing, 'claim' | 'finding'> & Partial<Pick<Bearing, 'under'>>;

export function checkSaying(...said: readonly Said[]): Check {
  return {
    title: 'a check',
    expected: 'this',
    observed: 'that',
    verdict: 'as expected',
    note: null,
    bearings: said.map((one) => ({ under: null, ...one })),
    raw: null,
    location: null,
  };
}

type Run = Parameters<typeof findingsOf>[0][number];

/** What is found of a claim from one scenario for each of these lists of what checks say. */
export function findingOf(
  id: ClaimId,
  scenarios: readonly (readonly Said[])[],
  outcome: Outcome | undefined = passed,
): ClaimFinding | undefined {
  return findingFrom(
    id,
    scenarios.map((said, i) => ({
      ...runOf(id, outcome),
      name: `scenario ${i}`,
      checks: said.map((one) => checkSaying(one)),
    })),
  );
}

export function findingFrom(id: ClaimId, runs: readonly Run[]): ClaimFinding | undefined {
  return findingsOf(runs).find((finding) => finding.id === id);
}

/** A run without a check. */
export function runOf(id: ClaimId, outcome: Outcome | undefined, slow: string | null = null): Run {
  return { name: 'scenario', scenario: { decides: [id], needsFor: {}, slow }, outcome, checks: [] };
}

export const says = (finding: Bearing['finding'], under: string | null = null): Said => ({
  ...{ claim: 'C30', finding, under },
});
