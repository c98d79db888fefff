import { SockDiag } from '../../native/sock-diag.ts';
import { directFirst, openObserver } from '../../observe/observers.ts';
import { type Place, readAll } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import { parseProc } from '../../observe/proc/parse.ts';
import { TcpCounters } from '../../observe/proc/tcp-counters.ts';
import type { Row } from '../../observe/row.ts';
import { sockDiag } from '../../observe/sock-diag/observer.ts';
import { stillThere } from '../../observe/sock-diag/owners.ts';
import { allSockets, type Holders, quietAfterClose, socketsWithPort } from '../../observe/sock-diag/table.ts';

interface Look {
  readonly sockets: readonly Row[];
  /** For connections that the other side has closed or must close: milliseconds since its last segment, by cookie. */
  readonly quiet: ReadonlyMap<string, number>;
}

/** Reads one port, or all ports of a network, repeatedly. */
interface PortReader {
  readonly way: string;
  /** The shortest time between two searches. */
  readonly shortestPauseMs: number;
  look(signal: AbortSignal): Promise<Look>;
  /** Whether anything can have happened since the last call. It costs less than a look. */
  moved(): boolean;
  close(): void;
}

/** On this machine the kernel is asked directly; elsewhere a program is started for each look. */
export async function openPortReader(
  place: Place,
  port: number | null,
  signal: AbortSignal,
): Promise<PortReader> {
  const observer = await openObserver(directFirst, place, signal);
  if (observer.label === sockDiag.label) return new KernelReader(port);
  // Only the files show all sockets of a place, without their processes.
  if (port === null) {
    const files = ['/proc/net/tcp', '/proc/net/tcp6'];
    return slowReader(
      () => '/proc/net/tcp',
      async (signal) => parseProc(await readAll(place, files, signal)).rows,
    );
  }
  // The first look shows which observer works.
  await observer.read([port], signal);
  return slowReader(
    () => observer.label,
    async (signal) => (await observer.read([port], signal)).rows,
  );
}

function slowReader(wayOf: () => string, read: (signal: AbortSignal) => Promise<readonly Row[]>): PortReader {
  return {
    get way() {
      return wayOf();
    },
    shortestPauseMs: 1000,
    look: async (signal) => ({ sockets: await read(signal), quiet: new Map() }),
    moved: () => true,
    close: () => {},
  };
}

/** Finding processes means reading all their descriptors. It is done only for new sockets, and the longer it takes, the less often. */
const pausePerSearch = 30;

class KernelReader implements PortReader {
  readonly way = sockDiag.label;
  readonly shortestPauseMs = 0;
  readonly #port: number | null;
  readonly #diag = new SockDiag();
  readonly #counters = new TcpCounters();
  #holders: Holders = new Map();
  #found: Holders = new Map();
  #nextSearchAt = Number.NEGATIVE_INFINITY;
  /** Processes that had sockets of the port at the last search: most new sockets are theirs. */
  #likely: ReadonlySet<number> = new Set();

  constructor(port: number | null) {
    this.#port = port;
  }

  async look(): Promise<Look> {
    let sockets = this.#list();
    // A socket that has no process after a search may have been closed during it.
    if (this.#findProcesses(sockets) === 'searched') sockets = stillThere(sockets, this.#found, this.#list());
    return {
      sockets: sockets.map((socket) => ({
        ...socket,
        processes: this.#holders.get(socket.inode ?? 0) ?? [],
      })),
      quiet: quietAfterClose(this.#diag, this.#port),
    };
  }

  #list(): Row[] {
    return this.#port === null ? allSockets(this.#diag) : socketsWithPort(this.#diag, this.#port);
  }

  #findProcesses(sockets: readonly Row[]): 'searched' | 'not searched' {
    const inodes = new Set(sockets.flatMap(({ inode }) => (inode === null || inode === 0 ? [] : [inode])));
    const unknown = () => [...inodes].filter((inode) => !this.#holders.has(inode));
    if (unknown().length > 0) this.#searchLikely(inodes, new Set(unknown()));
    const now = performance.now();
    if (unknown().length === 0 || now < this.#nextSearchAt) return 'not searched';
    const { byInode } = findHolders((inode) => inodes.has(inode));
    // Hidden processes are not searched for again.
    this.#holders = new Map([...inodes].map((inode) => [inode, byInode.get(inode) ?? []]));
    this.#likely = new Set([...byInode.values()].flat().map(({ pid }) => pid));
    this.#nextSearchAt = now + (performance.now() - now) * pausePerSearch;
    this.#found = byInode;
    return 'searched';
  }

  // A connection may be over before all processes are searched again.
  #searchLikely(inodes: ReadonlySet<number>, unknown: ReadonlySet<number>): void {
    const { byInode } = findHolders((inode) => unknown.has(inode), this.#likely);
    this.#holders = new Map([...this.#holders, ...byInode].filter(([inode]) => inodes.has(inode)));
  }

  moved(): boolean {
    return this.#counters.moved();
  }

  close(): void {
    this.#counters.close();
    this.#diag.close();
  }
}
