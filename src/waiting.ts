/** When a wait ends, on the clock of performance.now(): `at` if a timer ends it, `atMost` if it is abandoned then. */
export type WaitEnd = { readonly at: number } | { readonly atMost: number };

/** The number of the round, if there are several. */
export interface Round {
  readonly number: number;
  readonly of: number;
  /** About how long this round and all later ones take; null in the first, before anything is known. */
  readonly leftMs: number | null;
}

/** Called with what is awaited; without `end` if the end is unknown. */
export type Waiting = (what: string, end?: WaitEnd, round?: Round) => void;

/** The wait is abandoned after this time. */
export function atMost(ms: number): WaitEnd {
  return { atMost: performance.now() + ms };
}

/** A timer ends it after this time. */
export function after(ms: number): WaitEnd {
  return { at: performance.now() + ms };
}
