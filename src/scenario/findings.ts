import { bearingFinding, type Check, type Outcome } from '../events.ts';
import { type ClaimId, claims } from './claims.ts';
import type { Scenario } from './scenario.ts';

type FindingState = 'holds' | 'refuted' | 'does not apply' | 'not decided';

/** A check that bears on a claim, and its finding. */
interface Evidence {
  readonly scenario: string;
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly finding: Exclude<FindingState, 'not decided'>;
}

export interface Finding {
  readonly finding: FindingState;
  /** Why it is not decided; null if it is. */
  readonly reason: string | null;
  readonly evidence: readonly Evidence[];
}

interface PartFinding extends Finding {
  readonly part: string;
  readonly text: string;
}

/** The finding about one claim on this machine: about the claim as stated, without its parts. */
export interface ClaimFinding extends Finding {
  readonly id: ClaimId;
  readonly claim: string;
  readonly scenarios: readonly string[];
  readonly parts: readonly PartFinding[];
}

/** The result of a scenario, as far as claims are concerned. */
interface ScenarioResult {
  readonly name: string;
  readonly scenario: Pick<Scenario, 'decides' | 'slow'>;
  /** undefined if it has not run. */
  readonly outcome: Outcome | undefined;
  readonly checks: readonly Check[];
}

export const claimIds = Object.keys(claims) as ClaimId[];

/** Computes the findings from checks alone. */
export function findingsOf(results: readonly ScenarioResult[]): ClaimFinding[] {
  return claimIds.map((id) => findingOfClaim(id, results));
}

function findingOfClaim(id: ClaimId, results: readonly ScenarioResult[]): ClaimFinding {
  const claim: { readonly claim: string; readonly parts?: Readonly<Record<string, string>> } = claims[id];
  const deciding = results.filter(({ scenario }) => scenario.decides.includes(id));
  const parts = Object.entries(claim.parts ?? {}).map(([part, text]) => ({
    part,
    text,
    ...conclude(evidenceFor(`${id}/${part}`, deciding), deciding),
  }));
  return {
    id,
    claim: claim.claim,
    scenarios: deciding.map(({ name }) => name),
    ...conclude(evidenceFor(id, deciding), deciding),
    parts,
  };
}

function evidenceFor(claim: string, results: readonly ScenarioResult[]): Evidence[] {
  return results.flatMap(({ name, checks, outcome }) =>
    checks.flatMap(({ bearings, verdict, title, expected, observed }) =>
      bearings
        .filter((bearing) => bearing.claim === claim)
        .map(({ asExpected }) => ({
          scenario: name,
          title,
          expected,
          observed,
          finding: bearingFinding(asExpected, verdict),
        }))
        // A later check might have refuted it.
        .filter(({ finding }) => finding === 'refuted' || cameToItsEnd(outcome)),
    ),
  );
}

function cameToItsEnd(outcome: Outcome | undefined): boolean {
  return outcome?.state === 'passed' || outcome?.state === 'failed';
}

/** One observation refutes a claim; it holds only if every check that bears on it says so. */
function conclude(evidence: readonly Evidence[], deciding: readonly ScenarioResult[]): Finding {
  const said = new Set(evidence.map(({ finding }) => finding));
  for (const finding of ['refuted', 'does not apply', 'holds'] as const) {
    if (said.has(finding)) return { finding, reason: null, evidence };
  }
  return { finding: 'not decided', reason: whyUndecided(deciding), evidence };
}

function whyUndecided(deciding: readonly ScenarioResult[]): string {
  if (deciding.length === 0) return 'no scenario decides it yet';
  return deciding
    .map(({ name, scenario, outcome }) => `${name}: ${whyNoCheck(scenario, outcome)}`)
    .join('; ');
}

function whyNoCheck({ slow }: Pick<Scenario, 'slow'>, outcome: Outcome | undefined): string {
  if (outcome === undefined) return slow === null ? 'was not run' : `slow, because ${slow}: add --slow`;
  switch (outcome.state) {
    case 'passed':
      return 'did not check it here; its run says why';
    case 'failed':
      return outcome.reason ?? 'was contradicted before it checked the claim';
    case 'skipped':
    case 'interrupted':
      return outcome.reason;
    case 'errored':
      return outcome.error.message;
  }
}
