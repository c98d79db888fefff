import type { Bearing, Check } from '../../events.ts';
import type { Peer } from '../../lab/ends/peer.ts';
import type { Named } from '../../lab/ends/stimulus.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { Derivation, Question, SegmentQuestion } from '../../question.ts';
import type { ClaimPart } from '../claims.ts';

/** The purpose of an expectation. */
export interface About {
  /** The title in reports, if the expectation itself does not say enough. */
  readonly title?: string;
  /** Why this is the result, if that is surprising. */
  readonly note?: string;
  /** The claim that holds if the check is as expected. */
  readonly supports?: ClaimPart | readonly ClaimPart[];
  /** The claim that is refuted if the check is as expected. */
  readonly refutes?: ClaimPart | readonly ClaimPart[];
  /** The claim that does not apply to this machine if the check is as expected. */
  readonly excludes?: ClaimPart | readonly ClaimPart[];
  /**
   * What is observed if the opposite is true. Then a claim that the check supports is refuted, and one that it refutes holds. Any other
   * unexpected result decides nothing.
   */
  readonly otherwise?: Otherwise;
  /** Settings or options without which the result may differ: `tcp_timestamps=0`. They are part of the finding. */
  readonly under?: string;
  /**
   * The stimulus without which the result differs (default: the control of the scenario): every one of a kind, `linger`; only the second,
   * `linger 2`; or the last before the check, `last linger`.
   */
  readonly without?: Named;
  /** Why the result is the same without any stimulus, as for an absence, and which check of the same run shows that it could differ. */
  readonly uncontrolled?: string;
  /** How to get the same value from the captured packets, with tshark. */
  readonly segments?: CapturedSegments;
  /** How to compute the same value from another raw file of the run, with jq. */
  readonly derived?: Derived;
}

/** `of`: only what is about the only connection of that peer. */
export interface Derived extends Omit<Derivation, 'ends'> {
  readonly of?: Peer;
}

/** Which segments of the peer's only connection count (default: all), and what the value says about them (default: their number). */
export interface CapturedSegments extends Partial<Omit<SegmentQuestion, 'connection'>> {
  readonly of: Peer;
}

/**
 * An observation, one of several, or a range. A state, or `gone`; a call that failed, `bind: EADDRINUSE`, or `connected` or `listening`;
 * the result of reads and sends, `end`; or the value.
 */
export type Otherwise = Plain | readonly Plain[] | { readonly atLeast: number } | { readonly atMost: number };

export type Plain = string | number | boolean;

/** Expectation and observation, in words, and whether they agree. */
export interface Comparison {
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly agrees: boolean;
  /** What was observed, to be compared with `otherwise`: every observation must be one that the opposite predicts. */
  readonly found: readonly Plain[];
  /** The reading on which the comparison rests. */
  readonly snapshot?: Snapshot | undefined;
  readonly question?: Question;
}

/** Reports a check; every check of a run passes through here. `from` was created where it is expected. */
export type ReportCheck = (comparison: Comparison, about: About, from: Error) => void;

/** The same for one call of expect(), which says what it is for. */
export type Report = (comparison: Comparison) => void;

export function checkOf(comparison: Comparison, about: About): Omit<Check, 'location'> {
  const { title, expected, observed, agrees, snapshot, question } = comparison;
  const bearings = (parts: About['supports'], asExpected: Finding, opposite: Finding): Bearing[] =>
    listOf(parts).map((claim) => ({
      claim,
      finding: agrees ? asExpected : isOpposite(comparison, about) ? opposite : 'not decided',
      under: about.under ?? null,
    }));
  return {
    title: about.title ?? title,
    expected,
    observed,
    verdict: agrees ? 'as expected' : 'contradicted',
    note: about.note ?? null,
    bearings: [
      ...bearings(about.supports, 'holds', 'refuted'),
      ...bearings(about.refutes, 'refuted', 'holds'),
      ...bearings(about.excludes, 'does not apply', 'not decided'),
    ],
    raw: snapshot?.raw ?? null,
    question: question ?? null,
    without: about.without ?? null,
    uncontrolled: about.uncontrolled ?? null,
  };
}

type Finding = Bearing['finding'];

export function derivationOf({ derived }: About): Derivation | null {
  if (derived === undefined) return null;
  const { of, from, jq } = derived;
  return { from, jq, ends: of === undefined ? null : endsOf(of) };
}

function endsOf({ connection: { local, remote } }: Peer): NonNullable<Derivation['ends']> {
  return { local, remote };
}

function listOf(parts: About['supports']): readonly ClaimPart[] {
  return parts === undefined ? [] : typeof parts === 'string' ? [parts] : parts;
}

function isOpposite({ found }: Comparison, { otherwise }: About): boolean {
  return otherwise !== undefined && found.length > 0 && found.every((one) => isOneOf(one, otherwise));
}

function isOneOf(found: Plain, predicted: Otherwise): boolean {
  if (typeof predicted !== 'object') return found === predicted;
  if ('atLeast' in predicted) return typeof found === 'number' && found >= predicted.atLeast;
  if ('atMost' in predicted) return typeof found === 'number' && found <= predicted.atMost;
  return predicted.includes(found);
}

/** Ends a run whose next steps would need something that does not exist. Its check is already reported. */
export class Contradicted extends Error {
  override readonly name = 'Contradicted';
}
