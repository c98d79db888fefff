import { type Dir, opendirSync } from 'node:fs';
import { type Harmless, harmless } from '../../foreign.ts';
import { addHolder, descriptorsOf } from '../../observe/proc/holders.ts';
import { folderOf, pidsAmong } from '../../observe/processes.ts';
import type { Holder } from '../../observe/row.ts';
import { entriesOf, socketInodeOf, textOf } from '../../proc-files.ts';

/**
 * Reading a link takes 20 microseconds, and a server may have 100,000 descriptors. Listeners have low numbers, so this many of each process
 * are read first, and the others only if a wanted socket has not been found by then.
 */
const first = 256;

/** The processes that hold these sockets, on this machine, as far as they show their descriptors. */
export function findHoldersOf(wanted: ReadonlySet<number>): Map<number, Holder[]> {
  const byInode = new Map<number, Holder[]>();
  if (wanted.size === 0) return byInode;
  const unfinished: Descriptors[] = [];
  for (const pid of pidsAmong(entriesOf('/proc'))) {
    try {
      const descriptors = new Descriptors(pid);
      if (descriptors.read(first, wanted, byInode) === 'more') unfinished.push(descriptors);
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  for (const descriptors of unfinished) {
    if (byInode.size < wanted.size) descriptors.read(Number.POSITIVE_INFINITY, wanted, byInode);
    else descriptors.close();
  }
  return byInode;
}

/** The open descriptors of a process, read in portions. */
class Descriptors {
  readonly #pid: number;
  readonly #folder: string;
  readonly #entries: Dir;
  #name: Harmless | undefined;

  /** @throws EACCES, ENOENT */
  constructor(pid: number) {
    this.#pid = pid;
    this.#folder = `${folderOf(pid)}/fd`;
    this.#entries = opendirSync(this.#folder, { bufferSize: first });
  }

  /** Reads up to that many descriptors; at the end it closes itself. */
  read(most: number, wanted: ReadonlySet<number>, byInode: Map<number, Holder[]>): 'more' | 'end' {
    for (let i = 0; i < most; i++) {
      const entry = this.#entries.readSync();
      if (entry === null) {
        this.close();
        return 'end';
      }
      const inode = socketInodeOf(`${this.#folder}/${entry.name}`);
      if (inode !== undefined && wanted.has(inode)) this.#found(inode, Number(entry.name), byInode);
    }
    return 'more';
  }

  close(): void {
    this.#entries.closeSync();
  }

  #found(inode: number, fd: number, byInode: Map<number, Holder[]>): void {
    this.#name ??= harmless(textOf(`/proc/${this.#pid}/comm`).replace(/\n$/, ''));
    if (byInode.get(inode)?.some(({ pid }) => pid === this.#pid)) return;
    addHolder(byInode, inode, { pid: this.#pid, name: this.#name, fd });
  }
}

/** The sockets that one process holds, by their inodes. */
export function socketsOfProcess(pid: number): Set<number> {
  const { folder, descriptors } = descriptorsOf(pid);
  return new Set(descriptors.flatMap((fd) => socketInodeOf(`${folder}/${fd}`) ?? []));
}
