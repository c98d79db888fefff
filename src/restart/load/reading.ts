import type { FinishedRequest } from '../../load/request.ts';
import type { Moments } from './account.ts';
import { isOfOld } from './old-connections.ts';
import type { LastSeen } from './table-watch.ts';

/** How much later than a request the table must be read to show that the request arrived. */
const arrivalMs = 20;
/**
 * A client reads everything that has arrived at once, in any order, however late it is. An answer that comes this much later than another
 * did not arrive together with it.
 */
const turnMs = 50;

/**
 * Whether the server had read a request when it ended the connection. On a busy machine, times say little about that, but the kernel does:
 * it ends the connection with RST if the server closes with unread data, or if the request arrives afterwards. A server may also ask for
 * RST (SO_LINGER): then the table may have shown that it had read the request.
 */
export function wasRead(
  { endedBy, followedBy, sentAt, endedAt, localPort }: FinishedRequest,
  seen: ReadonlyMap<number, LastSeen>,
): boolean {
  const last = seen.get(localPort);
  if (last !== undefined && sentAt !== null && last.at > sentAt && last.at <= endedAt) {
    if (last.unread > 0) return false;
    if (last.place === 'accepted' && last.at > sentAt + arrivalMs) return true;
  }
  return endedBy !== 'RST' && followedBy !== 'RST';
}

interface Drain {
  readonly moments: Moments;
  readonly answered: readonly FinishedRequest[];
}

/** Whether the server still answered an older request after it had ended this one, and so waits for the requests that it knows. */
export function waitsForOlder(request: FinishedRequest, { moments, answered }: Drain): boolean {
  const later = request.endedAt + turnMs;
  return answered.some(
    (other) =>
      other.sentAt !== null &&
      other.sentAt < request.startedAt &&
      other.endedAt > later &&
      isOfOld(other, moments),
  );
}

/** The longest time in which the server answered a request that it answers at once. */
export function longestPlain(answered: readonly FinishedRequest[]): number {
  return answered
    .filter(({ kind }) => kind !== 'slow')
    .reduce((longest, { startedAt, endedAt }) => Math.max(longest, endedAt - startedAt), 0);
}
