import { TcpcloseError } from '../errors.ts';
import type { Place } from './place.ts';

/**
 * How many sockets of a network are in TIME_WAIT, or in an orphaned FIN_WAIT2, from /proc/net/sockstat: it costs as little for
 * a million of them as for none.
 * @throws TcpcloseError `no-sockstat`
 */
export async function countTimeWaits(place: Place, signal?: AbortSignal): Promise<number> {
  const count = parseTimeWaits((await place.read('/proc/net/sockstat', signal)) ?? '');
  if (count !== undefined) return count;
  throw new TcpcloseError('no-sockstat', '/proc/net/sockstat cannot be read: mount /proc');
}

/** `TCP: inuse 5 orphan 0 tw 12 alloc 8 mem 0`. */
export function parseTimeWaits(text: string): number | undefined {
  const count = Number(/^TCP:.* tw (\d+)/m.exec(text)?.[1]);
  return Number.isSafeInteger(count) ? count : undefined;
}
