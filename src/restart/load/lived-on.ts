import type { FinishedRequest } from '../../load/request.ts';
import type { Exit } from './lost.ts';

/** How late a client may read an answer, or tcpclose the table. */
const delayMs = 100;

interface Seen {
  /** How the old server ended. */
  readonly exit: Exit;
  readonly signalAt: number;
  /** When the kernel's table no longer had the listener. */
  readonly goneAt: number | null;
  /** The longest delay of the load's timers. */
  readonly latestMs: number;
}

/**
 * A server may catch the signal, finish its work without a listener, and then end itself by that same signal. An answer on one of its
 * connections long after its listener was closed shows that: a process that the signal ends closes both at once.
 */
export function exitOf(requests: readonly FinishedRequest[], seen: Seen): Exit {
  const { exit, signalAt, goneAt, latestMs } = seen;
  if (exit !== 'by the signal') return exit;
  const gone = requests
    .filter(({ class: ending, startedAt }) => ending === 'refused' && startedAt >= signalAt)
    .reduce((first, { endedAt }) => Math.min(first, endedAt), goneAt ?? Number.POSITIVE_INFINITY);
  const livedOn = requests.some(
    ({ class: ending, startedAt, connectedAt, endedAt }) =>
      ending === 'answered' && (connectedAt ?? startedAt) < gone && endedAt > gone + delayMs + latestMs,
  );
  return livedOn ? 'by itself' : exit;
}
