import { SystemCallError } from '../../native/errno.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import { openObserver } from '../../observe/observer.ts';
import type { Place } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import type { SightedHolder, Sighting, Sightings } from '../sighting.ts';
import { listSockets } from '../sock-diag-table.ts';
import { isThisNetwork, sightingOfRow } from '../table.ts';

/** Looks at one port over and over. */
export interface Eye {
  readonly way: Sightings['way'];
  /** Not to be looked through more often than this. */
  readonly shortestPauseMs: number;
  look(signal: AbortSignal): Promise<readonly Sighting[]>;
  close(): void;
}

/** On this machine the kernel is asked directly; elsewhere a program is started for each look. */
export async function openEye(place: Place, port: number, signal: AbortSignal): Promise<Eye> {
  if (isThisNetwork(place)) {
    try {
      const eye = new KernelEye(port);
      await eye.look();
      return eye;
    } catch (error) {
      // A sandbox may forbid netlink, and a kernel may have been built without tcp_diag.
      if (!(error instanceof SystemCallError)) throw error;
    }
  }
  const observer = await openObserver('auto', place, signal);
  return {
    way: observer.name === 'proc' ? '/proc/net/tcp' : observer.name,
    shortestPauseMs: 1000,
    look: async (signal) => (await observer.read([port], signal)).rows.map(sightingOfRow),
    close: () => {},
  };
}

/** Processes are found by reading all their descriptors: only for sockets that are new, and not too often. */
const betweenSearchesMs = 1000;

class KernelEye implements Eye {
  readonly way = 'sock_diag';
  readonly shortestPauseMs = 0;
  readonly #port: number;
  readonly #diag = new SockDiag();
  #holders: ReadonlyMap<number, readonly SightedHolder[]> = new Map();
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(port: number) {
    this.#port = port;
  }

  async look(): Promise<readonly Sighting[]> {
    const sockets = listSockets(this.#diag, this.#port, 'plain');
    this.#findProcesses(sockets);
    return sockets.map((socket) => ({ ...socket, processes: this.#holders.get(socket.inode ?? 0) ?? [] }));
  }

  #findProcesses(sockets: readonly Sighting[]): void {
    const unknown = sockets.some(({ inode }) => inode !== null && inode !== 0 && !this.#holders.has(inode));
    const now = performance.now();
    if (!unknown || now - this.#searchedAt < betweenSearchesMs) return;
    this.#searchedAt = now;
    const inodes = new Set(
      sockets.map(({ inode }) => inode).filter((inode) => inode !== null && inode !== 0),
    );
    const { byInode } = findHolders((inode) => inodes.has(inode));
    // Those that nobody lets be seen are not looked for again.
    this.#holders = new Map([...inodes].map((inode) => [inode ?? 0, byInode.get(inode ?? 0) ?? []]));
  }

  close(): void {
    this.#diag.close();
  }
}
