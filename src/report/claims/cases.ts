import type { Case, CaseResult } from '../ci.ts';
import type { ClaimsDocument } from '../documents/claims.ts';

type Claim = ClaimsDocument['claims'][number];
type Finding = Pick<Claim, 'claim' | 'finding' | 'reason' | 'evidence'>;

/** A case for each claim and each part of one. It passes with any finding: a finding is not a failure. */
export function claimCases({ claims }: ClaimsDocument): Case[] {
  return claims.flatMap((claim) => [
    caseOf(claim.id, claim),
    ...claim.parts.map(({ text, ...part }) => caseOf(`${claim.id}/${part.part}`, { ...part, claim: text })),
  ]);
}

function caseOf(id: string, { claim, finding, reason, evidence }: Finding): Case {
  const title = `${id}: ${claim}`;
  const telling = evidence.filter((one) => one.finding === finding);
  return {
    ...{ suite: 'claims', className: 'tcpclose.claims', name: title, title },
    durationMs: null,
    result: resultOf(finding, reason),
    facts: {
      ...{ finding, reason },
      evidence: telling.map(({ scenario, title, observed }) => ({ scenario, title, observed })),
    },
    warnings: [],
  };
}

function resultOf(finding: Claim['finding'], reason: string | null): CaseResult {
  if (finding !== 'not decided') return { state: 'passed', remark: null };
  return { state: 'skipped', reason: reason ?? 'not decided' };
}
