import type { ClaimsDocument } from '../documents/claims.ts';

type Claim = ClaimsDocument['claims'][number];
type Evidence = Claim['evidence'];

/** The observations on which the finding rests. */
export function decisiveOf(evidence: Evidence, finding: Claim['finding']): Evidence {
  const said = finding === 'holds under' ? 'holds' : finding;
  return evidence.filter((one) => one.finding === said);
}

interface Found extends Pick<Claim, 'under' | 'refutedUnder'> {
  readonly finding: string;
}

/** `holds`, `holds under tcp_rfc1337=1, refuted under tcp_rfc1337=0`. */
export function findingInWords({ finding, under, refutedUnder }: Found): string {
  const words = under === null ? finding : `${finding} ${under}`;
  return refutedUnder === null ? words : `${words}, refuted under ${refutedUnder}`;
}
