import type { Endpoint } from '../../address.ts';
import type { StateChange, Unheard } from '../notifications.ts';

/** Sees the states that connections pass through. Times are in milliseconds. */
export interface Watch {
  /** What has changed since the last look, and how many events there were, including those that changed nothing. */
  look(): { readonly changes: readonly StateChange[]; readonly events: number };
  /** Queries the connections now. Returns what has changed since the last query. */
  askAll(): readonly StateChange[];
  /** A segment of this connection was captured. */
  captured?(from: Endpoint, to: Endpoint): void;
  /** The segments since the last time that were dropped before their socket counted them. */
  takeUnheard?(): Unheard[];
  /** Releases the segments that wait, and stops looking. */
  close?(): void;
  /** How soon the next look is due, given how long nothing has happened. */
  pause(quietMs: number): number;
  /** Readable when a look is due before that. */
  readonly fd?: number;
  /** How many segments belonged to connections beyond the limit. */
  readonly unwatched: number;
  /** How many segments did not wait until the states before them were known; null if none is made to wait. */
  readonly passed: number | null;
}
