import { TcpcloseError } from '../errors.ts';
import type { Place } from './place.ts';

export const sockstatPath = '/proc/net/sockstat';

/**
 * How many sockets of a network are in TIME_WAIT, or in an orphaned FIN_WAIT2, from /proc/net/sockstat, and its text. This takes the same
 * time for any number of them.
 * @throws TcpcloseError `no-sockstat`
 */
export async function readTimeWaits(
  place: Place,
  signal?: AbortSignal,
): Promise<{ readonly count: number; readonly text: string }> {
  const text = (await place.read(sockstatPath, signal)) ?? '';
  const count = parseTimeWaits(text);
  if (count !== undefined) return { count, text };
  throw new TcpcloseError('no-sockstat', '/proc/net/sockstat cannot be read: mount /proc');
}

/** `TCP: inuse 5 orphan 0 tw 12 alloc 8 mem 0`. */
export function parseTimeWaits(text: string): number | undefined {
  const count = Number(/^TCP:.* tw (\d+)/m.exec(text)?.[1]);
  return Number.isSafeInteger(count) ? count : undefined;
}
