import { readFileSync, statSync } from 'node:fs';
import { type Harmless, harmless } from '../../foreign.ts';
import { addHolder, descriptorsOf } from '../../observe/proc/holders.ts';
import { pidsAmong } from '../../observe/processes.ts';
import type { Holder } from '../../observe/row.ts';
import { entriesOf, socketInodeOf } from '../../proc-files.ts';

export interface Found {
  readonly byInode: Map<number, Holder[]>;
  /** How many processes did not show their descriptors. */
  readonly refused: number;
}

/** Beyond as many descriptors a process is read only until each wanted socket has a holder: a link takes 20 microseconds. */
const readWhole = 2000;

/** The processes that hold these sockets, on this machine: small processes first, because big ones take long. */
export function findHoldersOf(wanted: ReadonlySet<number>, pids?: readonly number[]): Found {
  const byInode = new Map<number, Holder[]>();
  let refused = 0;
  if (wanted.size === 0) return { byInode, refused };
  const candidates = (pids ?? pidsAmong(entriesOf('/proc'))).map((pid) => ({ pid, size: sizeOf(pid) }));
  for (const { pid } of candidates.sort((a, b) => a.size - b.size)) {
    try {
      readProcess(pid, wanted, byInode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') refused++;
    }
  }
  return { byInode, refused };
}

function readProcess(pid: number, wanted: ReadonlySet<number>, byInode: Map<number, Holder[]>): void {
  let name: Harmless | undefined;
  const { folder, descriptors } = descriptorsOf(pid);
  for (const [i, fd] of descriptors.entries()) {
    if (i >= readWhole && byInode.size === wanted.size) return;
    const inode = socketInodeOf(`${folder}/${fd}`);
    if (inode === undefined || !wanted.has(inode)) continue;
    name ??= harmless(readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, ''));
    addHolder(byInode, inode, { pid, name, fd: Number(fd) });
  }
}

// Since Linux 6.2 the size of the folder is the number of descriptors; before that it is 0.
function sizeOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}/fd`).size;
  } catch {
    return 0;
  }
}

/** The sockets that one process holds, by their inodes. */
export function socketsOfProcess(pid: number): Set<number> {
  const { folder, descriptors } = descriptorsOf(pid);
  return new Set(descriptors.flatMap((fd) => socketInodeOf(`${folder}/${fd}`) ?? []));
}
