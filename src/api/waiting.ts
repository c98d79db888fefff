import type { Waiting } from '../waiting.ts';

/** Something is awaited. */
export interface WaitingEvent {
  readonly type: 'waiting';
  readonly what: string;
  /** Milliseconds until a timer ends the wait; null without a timer. */
  readonly leftMs: number | null;
  /** Milliseconds until the wait is abandoned; null if a timer ends it, or if it has no limit. */
  readonly atMostMs: number | null;
  /**
   * The number of the round, and about how long this one and all later ones take (null in the first, before that can be estimated); null if
   * there is only one.
   */
  readonly round: { readonly number: number; readonly of: number; readonly leftMs: number | null } | null;
}

/** Turns what a part of tcpclose reports into events. */
export function waitingEvents(onEvent: ((event: WaitingEvent) => void) | undefined): Waiting {
  return (what, end, round = undefined) => {
    const until = (at: number) => Math.max(0, at - performance.now());
    onEvent?.({
      type: 'waiting',
      what,
      leftMs: end !== undefined && 'at' in end ? until(end.at) : null,
      atMostMs: end !== undefined && 'atMost' in end ? until(end.atMost) : null,
      round: round ?? null,
    });
  };
}
