import { SockDiag } from '../../native/sock-diag.ts';
import { findHolders, socketsOf } from '../../observe/proc/holders.ts';
import { descendantsOf } from '../../observe/processes.ts';
import { type Row, uniqueHolders } from '../../observe/row.ts';
import { listeners, socketsOnPort } from '../../observe/sock-diag/table.ts';

/** The kernel's table of TCP sockets in our own network namespace. */
export class Tables {
  #socket: SockDiag | undefined;

  listeners(): Row[] {
    return listeners(this.#diag());
  }

  /** All sockets on a port, with their processes: the command's own processes are searched first, because they are fewer. */
  socketsOn(port: number): Row[] {
    const rows = socketsOnPort(this.#diag(), port, socketsOf(descendantsOf(process.pid)), 'open');
    const strangers = new Set(rows.filter(isUnheld).map(({ inode }) => inode));
    if (strangers.size === 0) return rows;
    const { byInode } = findHolders((inode) => strangers.has(inode));
    return rows.map((row) => {
      const holders = isUnheld(row) ? (byInode.get(row.inode ?? 0) ?? []) : [];
      const found = uniqueHolders(holders);
      return found.length === 0 ? row : { ...row, processes: found };
    });
  }

  #diag(): SockDiag {
    this.#socket ??= new SockDiag();
    return this.#socket;
  }
}

function isUnheld({ inode, processes }: Row): boolean {
  return inode !== null && inode !== 0 && processes.length === 0;
}
