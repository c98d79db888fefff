import type { Claim } from '../../scenario/claims/claim.ts';
import { claims } from '../../scenario/claims.ts';
import type { RunDocument } from '../documents/run.ts';

type Bearing = RunDocument['checks'][number]['claims'][number];

/** `C01 refuted under SO_REUSEADDR on at both servers`: what a check says of a claim, and under which condition. */
export function findingOf({ claim, finding, under }: Bearing): string {
  return under === null ? `${claim} ${finding}` : `${claim} ${finding} under ${under}`;
}

/** The claim's own words; null for one that is not in this version's ledger. */
export function textOfClaim(id: string): string | null {
  const [number = '', part] = id.split('/');
  const entry = (claims as Readonly<Record<string, Claim>>)[number];
  if (entry === undefined) return null;
  if (part === undefined) return entry.claim;
  const words = entry.parts?.[part] ?? entry.cases?.[part];
  if (words === undefined) return null;
  return typeof words === 'string' ? words : words.text;
}
