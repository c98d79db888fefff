import type { Endpoint } from '../../address.ts';
import type { StateChange } from '../notifications.ts';

/** Sees the states that connections pass through. Times are in milliseconds. */
export interface Watch {
  /** What has changed since the last look, and how much has happened in all; it may be that nothing has changed by it. */
  look(): { readonly changes: readonly StateChange[]; readonly events: number };
  /** Asks for the connections as they are now: what has changed since they were asked for last. */
  askAll(): readonly StateChange[];
  /** A segment of this connection was captured. */
  captured?(from: Endpoint, to: Endpoint): void;
  /** Lets go what waits for it; it does not look any more. */
  close?(): void;
  /** How soon the next look is due, where nothing has happened for so long. */
  pause(quietMs: number): number;
  /** Readable when a look is due before that. */
  readonly fd?: number;
  /** How many segments belonged to connections that were too many. */
  readonly unwatched: number;
  /** How many segments did not wait until the states before them were known; null where none does. */
  readonly passed: number | null;
}
