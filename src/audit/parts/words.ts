import { formatEndpoint } from '../../address.ts';
import { groupBy, largestFirst } from '../../group.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Pair } from '../finding.ts';

const shown = 3;

/** The other ends, the most frequent first: for clients the destination, for accepted connections the local port and the source. */
export function endsOf(sockets: readonly Socket[], facts: Facts): string {
  const groups = groupBy(sockets, (socket) =>
    facts.isServer(socket)
      ? `port ${socket.local.port} from ${socket.remote.address}`
      : `to ${formatEndpoint(socket.remote)}`,
  );
  const sorted = largestFirst(groups);
  const texts = sorted
    .slice(0, shown)
    .map(([end, { length }]) => (sorted.length === 1 ? end : `${end} (${length})`));
  const rest = sorted.length - shown;
  return [...texts, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

const pairs = 5;

export function pairsOf(sockets: readonly Socket[]): Pair[] {
  return sockets.slice(0, pairs).map(({ local, remote }) => ({ local, remote }));
}
