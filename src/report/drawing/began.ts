import type { Connection, Transition } from './words.ts';
import { describeSegment, moment } from './words.ts';

/** What a document says about the time at which a state began. */
export interface Began {
  /** Until then, the side was certainly in its previous state; null if that is unknown. */
  readonly notBefore: number | null;
  /** From then on, it was certainly in the new state: a segment of that state was captured, or the state was seen. */
  readonly notAfter: number;
  /** The captured segment that shows it earlier than any look at the socket; null if there is none. */
  readonly shownBy: string | null;
}

/** The segment that a socket sends for the first time in this state. */
const sentIn: Readonly<Record<string, { readonly flags: readonly string[]; readonly without: string }>> = {
  SYN_SENT: { flags: ['SYN'], without: 'ACK' },
  SYN_RECV: { flags: ['SYN', 'ACK'], without: 'RST' },
  FIN_WAIT1: { flags: ['FIN'], without: 'RST' },
  LAST_ACK: { flags: ['FIN'], without: 'RST' },
};

/** When a state began. A look at a socket may come after the segment that it sent in its new state, so the segment limits the time, too. */
export function beganOf({ segments }: Pick<Connection, 'segments'>, change: Transition): Began {
  const { side, to, atMs, notBeforeMs, segmentAtMs } = change;
  if (notBeforeMs === atMs) return { notBefore: atMs, notAfter: atMs, shownBy: null };
  const cause = segments.find((segment) => segment.atMs === segmentAtMs && segment.from !== side);
  const notBefore = notBeforeMs ?? cause?.atMs ?? null;
  const sent = sentIn[to ?? ''];
  const shown = segments.find(
    ({ atMs: captured, from, flags, source }) =>
      from === side &&
      source === 'kernel' &&
      captured >= (notBefore ?? captured) &&
      captured < atMs &&
      sent?.flags.every((flag) => flags.some((one) => one === flag)) === true &&
      !flags.some((one) => one === sent.without),
  );
  return {
    notBefore,
    notAfter: shown?.atMs ?? atMs,
    shownBy: shown === undefined ? null : describeSegment(shown),
  };
}

/** `at 83.690 ms`, or between which two times. */
export function beganWords({ notBefore, notAfter }: Began): string {
  if (notBefore === notAfter) return `at ${moment(notAfter)}`;
  return notBefore === null
    ? `at ${moment(notAfter)} or before`
    : `between ${moment(notBefore)} and ${moment(notAfter)}`;
}
