import type { Endpoint } from '../../address.ts';
import type { State } from '../../state.ts';

/** A change of state of one side of a connection. Times are in milliseconds on the clock of performance.now(). */
export interface Transition {
  /** When the side was last seen in its previous state; null if never; equal to `at` if the kernel reported the time. */
  readonly notBefore: number | null;
  readonly at: number;
  /** The segment that the kernel had just processed: its arrival, and its header (`Segment.header`); null if unknown. */
  readonly processed: { readonly at: number; readonly header: string } | null;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The kernel's number of the socket (SO_COOKIE), which distinguishes incarnations of a pair; empty if unknown. */
  readonly socket: string;
  /** null means no socket. */
  readonly from: State | null;
  readonly to: State | null;
}
