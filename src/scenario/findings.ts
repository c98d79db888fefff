import type { Bearing, Check, Outcome } from '../events.ts';
import type { Claim } from './claims/claim.ts';
import { type ClaimId, claims } from './claims.ts';
import type { Scenario } from './scenario.ts';

type FindingState = 'holds' | 'holds under' | 'refuted' | 'does not apply' | 'not decided';

/** A check that bears on a claim, and what it says about it. */
interface Evidence {
  readonly scenario: string;
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly finding: Bearing['finding'];
  readonly under: string | null;
}

interface Finding {
  readonly finding: FindingState;
  /** The settings or options under which it holds; null if it needs none, or does not hold. */
  readonly under: string | null;
  /** The settings or options under which it was refuted, if it holds under others. */
  readonly refutedUnder: string | null;
  /** Why it is not decided; null if it is. */
  readonly reason: string | null;
  readonly evidence: readonly Evidence[];
}

interface PartFinding extends Finding {
  readonly part: string;
  readonly text: string;
}

/** The finding about one claim on this machine. The finding of a claim with parts is computed from theirs, and cases do not change it. */
export interface ClaimFinding extends Finding {
  readonly id: ClaimId;
  readonly claim: string;
  readonly scenarios: readonly string[];
  readonly parts: readonly PartFinding[];
  readonly cases: readonly PartFinding[];
}

/** The result of a scenario, as far as claims are concerned. */
interface ScenarioResult {
  readonly name: string;
  readonly scenario: Pick<Scenario, 'decides' | 'needsFor' | 'slow'>;
  /** undefined if the scenario has not run. */
  readonly outcome: Outcome | undefined;
  readonly checks: readonly Check[];
}

export const claimIds = Object.keys(claims) as ClaimId[];

/** Computes the findings from checks alone. */
export function findingsOf(results: readonly ScenarioResult[]): ClaimFinding[] {
  return claimIds.map((id) => findingOfClaim(id, results));
}

function findingOfClaim(id: ClaimId, results: readonly ScenarioResult[]): ClaimFinding {
  const { claim, parts = {}, cases = {} }: Claim = claims[id];
  const deciding = results.filter(({ scenario }) => scenario.decides.includes(id));
  const found = (key: string) => conclude(id, evidenceFor(key, deciding), deciding);
  const findingsOfParts = Object.entries(parts).map(([part, stated]) =>
    typeof stated === 'string'
      ? { part, text: stated, ...found(`${id}/${part}`) }
      : { part, text: stated.text, ...undecided(stated.unmeasured, []) },
  );
  return {
    id,
    claim,
    scenarios: deciding.map(({ name }) => name),
    ...(findingsOfParts.length === 0 ? found(id) : together(findingsOfParts)),
    parts: findingsOfParts,
    cases: Object.entries(cases).map(([part, text]) => ({ part, text, ...found(`${id}/${part}`) })),
  };
}

function evidenceFor(claim: string, results: readonly ScenarioResult[]): Evidence[] {
  return results.flatMap(({ name, checks, outcome }) =>
    checks.flatMap(({ bearings, title, expected, observed }) =>
      bearings
        .filter((bearing) => bearing.claim === claim)
        .map(({ finding, under }) => ({ scenario: name, title, expected, observed, finding, under }))
        // A later check might have refuted it.
        .filter(({ finding }) => finding === 'refuted' || cameToItsEnd(outcome)),
    ),
  );
}

function cameToItsEnd(outcome: Outcome | undefined): boolean {
  return outcome?.state === 'passed' || outcome?.state === 'failed';
}

/** One observation refutes a claim, unless the claim holds under other settings. A claim holds only if every check supports it. */
function conclude(id: ClaimId, evidence: readonly Evidence[], deciding: readonly ScenarioResult[]): Finding {
  const saying = (finding: Evidence['finding']) => evidence.filter((one) => one.finding === finding);
  const [refuting, supporting] = [saying('refuted'), saying('holds')];
  const conditions = conditionsOf(supporting);
  const refutedUnder = conditions.length === 0 ? [] : distinct(refuting.map(({ under }) => under));
  if (refuting.length > 0 && (refutedUnder.length === 0 || refutedUnder.includes(null)))
    return { ...decided('refuted'), evidence };
  const [contradicted] = saying('not decided');
  if (contradicted !== undefined) return undecided(somethingElse(contradicted), evidence);
  if (supporting.length > 0) {
    if (conditions.length === 0) return { ...decided('holds'), evidence };
    const under = conditions.join(' or ');
    return { ...decided('holds under'), under, refutedUnder: refutedUnder.join(' or ') || null, evidence };
  }
  if (saying('does not apply').length > 0) return { ...decided('does not apply'), evidence };
  return undecided(whyUndecided(id, deciding), evidence);
}

/** The conditions of a claim; none if a scenario has shown it without any. */
function conditionsOf(supporting: readonly Evidence[]): string[] {
  const scenarios = distinct(supporting.map(({ scenario }) => scenario));
  const ofEach = scenarios.map((name) =>
    distinct(
      supporting.flatMap(({ scenario, under }) => (scenario === name && under !== null ? [under] : [])),
    ).join(', '),
  );
  return ofEach.includes('') ? [] : distinct(ofEach);
}

/** The finding of a claim with parts: one part refutes it, and it holds only if all parts hold that apply here. */
function together(parts: readonly PartFinding[]): Finding {
  const evidence = parts.flatMap((part) => part.evidence);
  if (parts.some(({ finding }) => finding === 'refuted')) return { ...decided('refuted'), evidence };
  const open = parts.find(({ finding }) => finding === 'not decided');
  if (open !== undefined) return undecided(`${open.text}: ${open.reason}`, evidence);
  const applying = parts.filter(({ finding }) => finding !== 'does not apply');
  if (applying.length === 0) return { ...decided('does not apply'), evidence };
  const all = (field: 'under' | 'refutedUnder') =>
    distinct(applying.map((part) => part[field])).filter(isText);
  const [under, refutedUnder] = [all('under').join(', ') || null, all('refutedUnder').join(', ') || null];
  return { ...decided(under === null ? 'holds' : 'holds under'), under, refutedUnder, evidence };
}

function decided(finding: Exclude<FindingState, 'not decided'>): Omit<Finding, 'evidence'> {
  return { finding, under: null, refutedUnder: null, reason: null };
}

function undecided(reason: string, evidence: readonly Evidence[]): Finding {
  return { finding: 'not decided', under: null, refutedUnder: null, reason, evidence };
}

function somethingElse({ scenario, title, expected, observed }: Evidence): string {
  return `${scenario}: ${title}: ${observed}, instead of ${expected}`;
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

function isText(value: string | null): value is string {
  return value !== null;
}

function whyUndecided(id: ClaimId, deciding: readonly ScenarioResult[]): string {
  if (deciding.length === 0) return 'no scenario decides it yet';
  // Scenarios that passed have checked other parts, unless there is no other scenario.
  const open = deciding.filter(({ outcome }) => outcome?.state !== 'passed');
  return (open.length > 0 ? open : deciding)
    .map((result) => `${result.name}: ${whyNoCheck(id, result)}`)
    .join('; ');
}

function whyNoCheck(id: ClaimId, { name, scenario: { slow, needsFor }, outcome }: ScenarioResult): string {
  if (outcome === undefined) return slow === null ? 'was not run' : `slow, because ${slow}: add --slow`;
  switch (outcome.state) {
    case 'passed':
      return needsFor[id] ?? `did not check it here: "tcpclose demo ${name}" says why`;
    case 'failed':
      return outcome.reason ?? 'was contradicted before it checked the claim';
    case 'skipped':
    case 'interrupted':
      return outcome.reason;
    case 'errored':
      return outcome.error.message;
  }
}
