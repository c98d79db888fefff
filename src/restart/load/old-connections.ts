import type { FinishedRequest } from '../../load/request.ts';
import type { Moments } from './account.ts';

/** How late the end of a process may be reported, and how late its clients may see theirs. */
export const reportDelayMs = 50;

/** Whether the connection was one to the old server. */
export function isOfOld(
  { connectedAt, startedAt, endedAt }: Pick<FinishedRequest, 'connectedAt' | 'startedAt' | 'endedAt'>,
  moments: Moments,
): boolean {
  return isOld({ connectedAt: connectedAt ?? startedAt, at: endedAt }, moments);
}

export function isOld(
  { connectedAt, at }: { readonly connectedAt: number; readonly at: number },
  { exited, reloaded, kept, started, listens, listensSeenBy }: Moments,
): boolean {
  // A client may learn late that it is connected, but no connection belongs to the second start before that start existed.
  const secondFrom = listensSeenBy === 'calls' ? listens : started;
  if (secondFrom !== null && at < secondFrom) return true;
  // A connection in the queue of a kept listener belonged to the second start by then.
  if (kept && exited !== null && at > exited + reportDelayMs) return false;
  const until = reloaded ?? exited;
  return until === null || connectedAt < until;
}
