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
  // A client may learn late that it is connected, and nothing belongs to the second start before it was there.
  const secondFrom = listensSeenBy === 'calls' ? listens : started;
  if (secondFrom !== null && at < secondFrom) return true;
  // In the queue of a kept listener it belonged to the second start.
  if (kept && exited !== null && at > exited + reportDelayMs) return false;
  const until = reloaded ?? exited;
  return until === null || connectedAt < until;
}
