import type { Harmless } from '../foreign.ts';
import { groupBy } from '../group.ts';
import { withSockDiag } from '../native/sock-diag.ts';
import { isThisNetwork, type Place, readAll } from '../observe/place.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { parseProc } from '../observe/proc/parse.ts';
import { pidsOf, type Row, uniqueHolders } from '../observe/row.ts';
import { withOwners } from '../observe/sock-diag/owners.ts';
import { listeners } from '../observe/sock-diag/table.ts';
import { factsOf, processesOf, userName } from './process-facts.ts';
import { type ProcessTable, readProcessTable } from './process-files.ts';

/** A program that listens on a port. */
export interface Listing {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly addresses: readonly string[];
  /** May be missing for UDP and behind a launcher. */
  readonly processes: readonly { readonly pid: number; readonly command: Harmless }[];
  readonly user: Harmless | null;
  /** Connections that wait to be accepted. */
  readonly waiting: number;
}

export interface Listings {
  readonly listings: readonly Listing[];
  /** How many of them have an invisible process. */
  readonly unseen: number;
  /** Whether processes refused inspection, which root would be allowed. */
  readonly refused: boolean;
}

/** Every listening TCP port of a network, and every UDP port that receives from any address, with their programs. */
export async function listPorts(place: Place, signal: AbortSignal): Promise<Listings> {
  const { rows: tcp, refused } = isThisNetwork(place)
    ? withSockDiag((diag) => withOwners(() => listeners(diag)))
    : { rows: (await tableRows(place, 'tcp', signal)).filter(({ state }) => state === 'LISTEN'), refused: 1 };
  const udp = (await tableRows(place, 'udp', signal)).filter(({ remote }) => remote.port === 0);
  const table = await readProcessTable(place, [...processesOf([...tcp, ...udp]).keys()], signal);
  const listings = [...listingsOf('tcp', tcp, table), ...listingsOf('udp', udp, table)];
  listings.sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol));
  const unseen = listings.filter(({ processes }) => processes.length === 0).length;
  return { listings, unseen, refused: unseen > 0 && refused > 0 };
}

async function tableRows(place: Place, protocol: 'tcp' | 'udp', signal: AbortSignal): Promise<Row[]> {
  const text = await readAll(place, [`/proc/net/${protocol}`, `/proc/net/${protocol}6`], signal);
  const { rows } = parseProc(text);
  if (place.procNet === undefined) return rows;
  const inodes = new Set(rows.map(({ inode }) => inode));
  const { byInode } = findHolders((inode) => inodes.has(inode));
  return rows.map((row) => ({ ...row, processes: byInode.get(row.inode ?? 0) ?? [] }));
}

// The addresses of one program on one port, side by side.
function listingsOf(protocol: Listing['protocol'], rows: readonly Row[], table: ProcessTable): Listing[] {
  const groups = groupBy(rows, (row) => `${row.local.port} ${row.uid} ${pidsOf(row)}`);
  return [...groups.values()].map((members) => {
    const [first] = members;
    const holders = uniqueHolders(members.flatMap(({ processes }) => processes));
    return {
      port: first.local.port,
      protocol,
      addresses: [...new Set(members.map(({ local }) => local.address))],
      processes: holders.map(({ pid, name }) => ({ pid, command: factsOf(pid, name, table).command })),
      user: first.uid === null ? null : userName(first.uid, table.passwd),
      waiting: protocol === 'tcp' ? members.reduce((sum, { receiveQueue }) => sum + receiveQueue, 0) : 0,
    };
  });
}
