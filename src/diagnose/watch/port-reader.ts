import { SystemCallError } from '../../native/errno.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import { AF_INET } from '../../native/sockaddr.ts';
import { openObserver } from '../../observe/observer.ts';
import type { Place } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import { TcpCounters } from '../../observe/proc/tcp-counters.ts';
import { numberOfState } from '../../state.ts';
import type { SightedHolder, Sighting, Sightings } from '../sighting.ts';
import { listSockets } from '../sock-diag-table.ts';
import { isThisNetwork, sightingOfRow, stillThere, wayOf } from '../table.ts';

/** Looks at one port over and over. */
export interface PortReader {
  readonly way: Sightings['way'];
  /** Not to be looked through more often than this. */
  readonly shortestPauseMs: number;
  look(signal: AbortSignal): Promise<readonly Sighting[]>;
  /** Whether anything can have happened since the last call: it is cheaper to ask than to look. */
  moved(): boolean;
  close(): void;
}

/** On this machine the kernel is asked directly; elsewhere a program is started for each look. */
export async function openEye(place: Place, port: number, signal: AbortSignal): Promise<PortReader> {
  if (isThisNetwork(place)) {
    try {
      return new KernelEye(port);
    } catch (error) {
      // A sandbox may forbid netlink, and a kernel may have been built without tcp_diag.
      if (!(error instanceof SystemCallError)) throw error;
    }
  }
  const observer = await openObserver('auto', place, signal);
  // Which way can be read shows at the first look.
  await observer.read([port], signal);
  return {
    get way() {
      return wayOf(observer);
    },
    shortestPauseMs: 1000,
    look: async (signal) => (await observer.read([port], signal)).rows.map(sightingOfRow),
    moved: () => true,
    close: () => {},
  };
}

/** Processes are found by reading all their descriptors: only for sockets that are new, and the dearer the more seldom. */
const pausePerSearch = 30;

class KernelEye implements PortReader {
  readonly way = 'sock_diag';
  readonly shortestPauseMs = 0;
  readonly #port: number;
  readonly #diag = new SockDiag();
  readonly #counters = new TcpCounters();
  #holders: ReadonlyMap<number, readonly SightedHolder[]> = new Map();
  #found: ReadonlyMap<number, readonly SightedHolder[]> = new Map();
  #nextSearchAt = Number.NEGATIVE_INFINITY;

  /** @throws SystemCallError where the kernel does not answer */
  constructor(port: number) {
    this.#port = port;
    this.#diag.list(AF_INET, { port, states: 1 << numberOfState('LISTEN') });
  }

  async look(): Promise<readonly Sighting[]> {
    let sockets = listSockets(this.#diag, this.#port, 'plain');
    // What has no process after a search may have been closed meanwhile.
    if (this.#findProcesses(sockets) === 'searched')
      sockets = stillThere(sockets, this.#found, listSockets(this.#diag, this.#port, 'plain'));
    return sockets.map((socket) => ({ ...socket, processes: this.#holders.get(socket.inode ?? 0) ?? [] }));
  }

  #findProcesses(sockets: readonly Sighting[]): 'searched' | 'not searched' {
    const unknown = sockets.some(({ inode }) => inode !== null && inode !== 0 && !this.#holders.has(inode));
    const now = performance.now();
    if (!unknown || now < this.#nextSearchAt) return 'not searched';
    const inodes = new Set(
      sockets.map(({ inode }) => inode).filter((inode) => inode !== null && inode !== 0),
    );
    const { byInode } = findHolders((inode) => inodes.has(inode));
    // Those that nobody lets be seen are not looked for again.
    this.#holders = new Map([...inodes].map((inode) => [inode ?? 0, byInode.get(inode ?? 0) ?? []]));
    this.#nextSearchAt = now + (performance.now() - now) * pausePerSearch;
    this.#found = byInode;
    return 'searched';
  }

  moved(): boolean {
    return this.#counters.moved();
  }

  close(): void {
    this.#counters.close();
    this.#diag.close();
  }
}
