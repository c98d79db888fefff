import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Harmless, harmless } from '../../foreign.ts';
import { entriesOf, socketInodeOf } from '../../proc-files.ts';
import { folderOf, pidsAmong, readProcess } from '../processes.ts';
import { type Holder, uniqueHolders } from '../row.ts';

export interface Holders {
  /** Each process once per socket, with its first descriptor for it. */
  readonly byInode: ReadonlyMap<number, readonly Holder[]>;
  /**
   * The number of processes that did not show their descriptors: those of other users, except to root. With hidepid=2 the number is
   * unknown.
   */
  readonly refused: number;
}

/** Searches the descriptors of processes (by default of the whole machine) for sockets. They may vanish during the search. */
export function findHolders(isWanted: (inode: number) => boolean, pids?: Iterable<number>): Holders {
  const byInode = new Map<number, Holder[]>();
  let refused = pids === undefined && hidesProcesses() ? 1 : 0;
  for (const pid of pids ?? pidsAmong(entriesOf('/proc'))) {
    let name: Harmless | undefined;
    try {
      const { folder, descriptors } = descriptorsOf(pid);
      for (const fd of descriptors) {
        const inode = socketInodeOf(`${folder}/${fd}`);
        if (inode === undefined || !isWanted(inode)) continue;
        name ??= harmless(readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, ''));
        addHolder(byInode, inode, { pid, name, fd: Number(fd) });
      }
    } catch (error) {
      if (isRefusal(error, pid)) refused++;
    }
  }
  return { byInode, refused };
}

/** Whether a process that runs does not show its descriptors to this user. */
export function hidesDescriptors(pid: number): boolean {
  try {
    descriptorsOf(pid);
    return false;
  } catch (error) {
    return isRefusal(error, pid);
  }
}

// The folders of a process that ends belong to root at last, while it has nothing to hide any more.
function isRefusal(error: unknown, pid: number): boolean {
  return (error as NodeJS.ErrnoException).code === 'EACCES' && readProcess(pid)?.state === 'alive';
}

/** Whether /proc is mounted with hidepid=2, which hides processes of other users, and even the first process, which always exists. */
export function hidesProcesses(): boolean {
  return !existsSync('/proc/1');
}

/** Adds a holder. Call it for all sockets of one process before the next process: a process may have a socket open more than once. */
export function addHolder(byInode: Map<number, Holder[]>, inode: number, holder: Holder): void {
  const holders = byInode.get(inode);
  if (holders === undefined) byInode.set(inode, [holder]);
  else if (holders.at(-1)?.pid !== holder.pid) holders.push(holder);
}

// A process without descriptors is rare: usually its first thread has ended, or the whole process has.
export function descriptorsOf(pid: number): { folder: string; descriptors: string[] } {
  const own = `/proc/${pid}`;
  try {
    const descriptors = readdirSync(`${own}/fd`);
    if (descriptors.length > 0) return { folder: `${own}/fd`, descriptors };
  } catch (error) {
    if (folderOf(pid) === own) throw error;
  }
  const folder = `${folderOf(pid)}/fd`;
  return { folder, descriptors: readdirSync(folder) };
}

/** The sockets that these processes hold, by inode: each process once per socket. */
export function socketsOf(processes: Iterable<{ readonly pid: number }>): Map<number, Holder[]> {
  const pids = [...processes].map(({ pid }) => pid);
  const { byInode } = findHolders(() => true, pids);
  return new Map([...byInode].map(([inode, holders]) => [inode, uniqueHolders(holders)]));
}
