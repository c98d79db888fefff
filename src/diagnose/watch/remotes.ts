import { countBy } from '../../group.ts';
import type { Row } from '../../observe/row.ts';

/** An address at the other end of connections. */
export interface Remote {
  readonly address: string;
  readonly count: number;
}

export interface Remotes {
  /** The addresses with the most connections. */
  readonly top: readonly Remote[];
  /** The number of all addresses. */
  readonly addresses: number;
}

const shown = 5;

/** The remote addresses, sorted by their number of connections. If both ends are on this machine, the one at the port counts. */
export function remotesOf(port: number | null, sockets: readonly Row[]): Remotes {
  const hasPort = sockets.some(({ local, remote }) => local.port === port && remote.port !== 0);
  const counted = sockets.filter(
    ({ local, remote }) => remote.port !== 0 && (!hasPort || local.port === port),
  );
  const all = [...countBy(counted, ({ remote }) => remote.address)].map(([address, count]) => ({
    address,
    count,
  }));
  all.sort((a, b) => b.count - a.count || (a.address < b.address ? -1 : 1));
  return { top: all.slice(0, shown), addresses: all.length };
}
