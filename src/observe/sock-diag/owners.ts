import { findHolders } from '../proc/holders.ts';
import { type Holder, identityOf, type Row } from '../row.ts';
import type { Holders } from './table.ts';

// After this many searches, every visible process with the socket has been found, or the socket is gone.
const searches = 4;

/** Finds the processes of sockets, and counts the processes that could not be inspected. `list` reads the sockets again. */
export function withOwners(list: () => Row[]): { rows: Row[]; refused: number } {
  let rows = list();
  const found = new Map<number, readonly Holder[]>();
  let refused = 0;
  for (let search = 1; ; search++) {
    const wanted = withoutOwner(rows, found);
    if (wanted.size === 0) break;
    const holders = findHolders((inode) => wanted.has(inode));
    for (const [inode, processes] of holders.byInode) found.set(inode, processes);
    refused = holders.refused;
    if (search === searches || withoutOwner(rows, found).size === 0) break;
    // A socket may have been closed between reading the table and reading the processes.
    rows = stillThere(rows, found, list());
    // If processes refuse inspection, a second search for the remaining sockets finds nothing more.
    if (refused > 0 && search > 1) break;
  }
  return { rows: rows.map((row) => ({ ...row, processes: found.get(row.inode ?? 0) ?? [] })), refused };
}

function withoutOwner(rows: readonly Row[], found: Holders): Set<number> {
  return new Set(
    rows.flatMap(({ inode }) => (inode === null || inode === 0 || found.has(inode) ? [] : [inode])),
  );
}

/** Sockets whose process was not found: those that still exist, in their present state; the others are unchanged. */
export function stillThere(rows: readonly Row[], found: Holders, now: readonly Row[]): Row[] {
  const current = new Map(now.map((row) => [identityOf(row), row]));
  const unsettled = withoutOwner(rows, found);
  return rows.flatMap((row) => (unsettled.has(row.inode ?? 0) ? (current.get(identityOf(row)) ?? []) : row));
}
