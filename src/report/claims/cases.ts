import type { Case, CaseResult } from '../ci.ts';
import type { ClaimsDocument } from '../documents/claims.ts';
import { decisiveOf } from './decisive.ts';

type Claim = ClaimsDocument['claims'][number];
type Finding = Pick<Claim, 'claim' | 'finding' | 'under' | 'refutedUnder' | 'reason' | 'evidence'>;

/** A case for each claim, and for each of its parts and cases. It passes with any finding: a finding is not a failure. */
export function claimCases({ claims }: ClaimsDocument): Case[] {
  return claims.flatMap((claim) => [
    caseOf(claim.id, claim),
    ...[...claim.parts, ...claim.cases].map(({ text, ...part }) =>
      caseOf(`${claim.id}/${part.part}`, { ...part, claim: text }),
    ),
  ]);
}

function caseOf(id: string, entry: Finding): Case {
  const { claim, finding, under, refutedUnder, reason, evidence } = entry;
  const title = `${id}: ${claim}`;
  return {
    ...{ suite: 'claims', className: 'tcpclose.claims', name: title, title },
    durationMs: null,
    result: resultOf(finding, reason),
    facts: {
      ...{ finding, under, refutedUnder, reason },
      evidence: decisiveOf(evidence, finding).map(({ scenario, title, observed }) => ({
        scenario,
        title,
        observed,
      })),
    },
    warnings: [],
  };
}

function resultOf(finding: Claim['finding'], reason: string | null): CaseResult {
  if (finding !== 'not decided') return { state: 'passed', remark: null };
  return { state: 'skipped', reason: reason ?? 'not decided' };
}
