import type { Endpoint } from '../../address.ts';
import type { State } from '../../state.ts';

/** One side of a connection has changed its state. Times are in milliseconds on the axis of performance.now(). */
export interface Transition {
  /** When the side was last seen as it had been, null if it never was; equal to `at` where the kernel itself told the time. */
  readonly notBefore: number | null;
  readonly at: number;
  /** The segment that the kernel had just processed: its arrival, and its header (`Segment.header`); null if it is not known. */
  readonly processed: { readonly at: number; readonly header: string } | null;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The kernel's number of the socket (SO_COOKIE), by which incarnations of a pair differ; empty where it was not told. */
  readonly socket: string;
  /** null: no socket. */
  readonly from: State | null;
  readonly to: State | null;
}
