import type { Bearing, Check } from '../../events.ts';
import type { Peer } from '../../lab/ends/peer.ts';
import type { Named } from '../../lab/ends/stimulus.ts';
import type { Snapshot } from '../../observe/observer.ts';
import type { Question, SegmentQuestion } from '../../question.ts';
import type { ClaimPart } from '../claims.ts';

/** What an expectation is for. */
export interface About {
  /** How reports call it, if what is expected does not say enough. */
  readonly title?: string;
  /** Why it comes out so, where that surprises. */
  readonly note?: string;
  /** The claim that holds if the check comes out as expected. */
  readonly supports?: ClaimPart | readonly ClaimPart[];
  /** The claim that is refuted if the check comes out as expected. */
  readonly refutes?: ClaimPart | readonly ClaimPart[];
  /** The claim that does not apply to this machine if the check comes out as expected. */
  readonly excludes?: ClaimPart | readonly ClaimPart[];
  /**
   * What is observed if the opposite is true: then a claim that the check supports is refuted, and one that it refutes holds. Anything
   * else that is not as expected decides nothing.
   */
  readonly otherwise?: Otherwise;
  /** Settings or options without which it may come out otherwise: `tcp_timestamps=0`. The finding says them. */
  readonly under?: string;
  /**
   * The stimulus without which it comes out otherwise (default: the control of the scenario): every one of a kind, `linger`, only the
   * second, `linger 2`, or the last before the check, `last linger`.
   */
  readonly without?: Named;
  /** Why it comes out the same without any stimulus, as an absence does, and which check of the same run shows that it need not. */
  readonly uncontrolled?: string;
  /** How anybody gets the same value from the captured packets, with tshark. */
  readonly segments?: CapturedSegments;
}

/** Which segments of the peer's only connection count, and what of them is the value; defaults: all of them, their number. */
export interface CapturedSegments extends Partial<Omit<SegmentQuestion, 'connection'>> {
  readonly of: Peer;
}

/**
 * An observation, one of several, or a range. A state, or `gone`; a call that failed, `bind: EADDRINUSE`, or `connected` or `listening`; what
 * reads and sends gave, `end`; or the value.
 */
export type Otherwise = Plain | readonly Plain[] | { readonly atLeast: number } | { readonly atMost: number };

type Plain = string | number | boolean;

/** Expectation and observation, in words, and whether they agree. */
export interface Comparison {
  readonly title: string;
  readonly expected: string;
  readonly observed: string;
  readonly agrees: boolean;
  /** What was observed, to be compared with `otherwise`: every one of them must be what the opposite predicts. */
  readonly found: readonly Plain[];
  /** The reading on which it rests. */
  readonly snapshot?: Snapshot | undefined;
  readonly question?: Question;
}

/** Reports a check; every check of a run passes through here. `from` was made where it is expected. */
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

/** Ends a run whose next steps would be about something that is not there. Its check is already reported. */
export class Contradicted extends Error {
  override readonly name = 'Contradicted';
}
