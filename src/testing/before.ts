import type { Duration } from '../api/duration.ts';
import { openSockets } from '../api/open-sockets.ts';

export interface SocketOptions {
  /** How long sockets may take to close (default: 2 s). */
  readonly within?: Duration | undefined;
}

/**
 * The runner's own sockets: those that were open when the test file imported this. They are read during the import, so sockets that the
 * file opens later are not among them.
 */
export const before: ReadonlySet<number> = openSockets();
