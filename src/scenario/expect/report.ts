import type { Bearing, Check } from '../../events.ts';
import type { Peer } from '../../lab/ends/peer.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { Question, SegmentQuestion } from '../../question.ts';
import type { ClaimPart } from '../claims.ts';

/** What an expectation is for. */
export interface About {
  /** How reports call it, if what is expected does not say enough. */
  readonly title?: string;
  /** Why it comes out so, where that surprises. */
  readonly note?: string;
  /** The claim that holds if the check comes out as expected, and is refuted if not. */
  readonly supports?: ClaimPart | readonly ClaimPart[];
  /** The claim that is refuted if the check comes out as expected, and holds if not. */
  readonly refutes?: ClaimPart | readonly ClaimPart[];
  /** The claim that does not apply to this machine if the check comes out as expected. */
  readonly excludes?: ClaimPart | readonly ClaimPart[];
  /** How anybody gets the same value from the captured packets, with tshark. */
  readonly segments?: CapturedSegments;
}

/** Which segments of the peer's only connection count, and what of them is the value; defaults: all of them, their number. */
export interface CapturedSegments extends Partial<Omit<SegmentQuestion, 'connection'>> {
  readonly of: Peer;
}

/** Expectation and observation, in words, and whether they agree. */
export interface Comparison {
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly agrees: boolean;
  /** The reading on which it rests. */
  readonly snapshot?: Snapshot | undefined;
  readonly question?: Question;
}

/** Reports a check; every check of a run passes through here. `from` was made where it is expected. */
export type ReportCheck = (comparison: Comparison, about: About, from: Error) => void;

/** The same for one call of expect(), which says what it is for. */
export type Report = (comparison: Comparison) => void;

export function checkOf(
  { title, expected, observed, agrees, snapshot, question }: Comparison,
  about: About,
): Omit<Check, 'location'> {
  return {
    title: about.title ?? title,
    expected,
    observed,
    verdict: agrees ? 'as expected' : 'contradicted',
    note: about.note ?? null,
    bearings: [
      ...bearings(about.supports, 'holds'),
      ...bearings(about.refutes, 'refuted'),
      ...bearings(about.excludes, 'does not apply'),
    ],
    raw: snapshot?.raw ?? null,
    question: question ?? null,
  };
}

function bearings(
  parts: ClaimPart | readonly ClaimPart[] | undefined,
  asExpected: Bearing['asExpected'],
): Bearing[] {
  if (parts === undefined) return [];
  return (typeof parts === 'string' ? [parts] : parts).map((claim) => ({ claim, asExpected }));
}

/** Ends a run whose next steps would be about something that is not there. Its check is already reported. */
export class Contradicted extends Error {
  override readonly name = 'Contradicted';
}
