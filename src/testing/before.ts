import { socketsBefore } from '../api/api.ts';
import type { Duration } from '../api/duration.ts';

export interface SocketOptions {
  /** How long sockets may take to close (default: 2 s). */
  readonly within?: Duration | undefined;
}

/** The sockets of the runner itself: those that were there when the test file imported this. */
export const before: Promise<ReadonlySet<number>> = socketsBefore();
