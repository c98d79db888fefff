import { SystemCallError } from '../native/errno.ts';
import { SockDiag } from '../native/sock-diag.ts';
import { type Observer, openObserver, takeSnapshot } from '../observe/observer.ts';
import type { Place } from '../observe/place.ts';
import { findHolders } from '../observe/proc/holders.ts';
import type { Row } from '../observe/row.ts';
import type { SightedHolder, Sighting, Sightings } from './sighting.ts';
import { listSockets } from './sock-diag-table.ts';

/**
 * All sockets that have the port at either end, with their processes. On this machine the kernel is asked directly; behind a
 * launcher, and where the kernel does not answer, by ss, netstat or /proc/net/tcp.
 * @throws TcpcloseError `no-observer` where there is no way to look
 */
export async function lookAtPort(place: Place, port: number, signal?: AbortSignal): Promise<Sightings> {
  return (isThisNetwork(place) ? askKernel(port) : null) ?? (await askObserver(place, port, signal));
}

export function isThisNetwork({ procNet }: Place): boolean {
  return procNet === '/proc/net';
}

// Whoever has a socket of a process that can be seen is found by then, or the socket is gone.
const searches = 4;

function askKernel(port: number): Sightings | null {
  let sockets = askSockDiag(port);
  if (sockets === null) return null;
  const found = new Map<number, readonly SightedHolder[]>();
  let refused = 0;
  for (let search = 1; ; search++) {
    const wanted = withoutHolder(sockets, found);
    if (wanted.size === 0) break;
    const holders = findHolders((inode) => wanted.has(inode));
    for (const [inode, processes] of holders.byInode) found.set(inode, processes);
    refused = holders.refused;
    if (search === searches || withoutHolder(sockets, found).size === 0) break;
    // It may have been closed between the look at the table and the one at the processes.
    sockets = stillThere(sockets, found, askSockDiag(port) ?? []);
    // Of those that are there yet, a second search finds no more where processes refuse to be seen.
    if (refused > 0 && search > 1) break;
  }
  const owned = sockets.map((socket) => ({ ...socket, processes: found.get(socket.inode ?? 0) ?? [] }));
  return { sockets: owned, way: 'sock_diag', refused };
}

type FoundHolders = ReadonlyMap<number, readonly SightedHolder[]>;

function withoutHolder(sockets: readonly Sighting[], found: FoundHolders): Set<number> {
  return new Set(
    sockets.flatMap(({ inode }) => (inode === null || inode === 0 || found.has(inode) ? [] : [inode])),
  );
}

/** Of the sockets whose process was not found those that are there now, as they are now; the others as they were. */
export function stillThere(
  sockets: readonly Sighting[],
  found: FoundHolders,
  now: readonly Sighting[],
): Sighting[] {
  const current = new Map(now.map((socket) => [socket.key, socket]));
  const unsettled = withoutHolder(sockets, found);
  return sockets.flatMap((socket) => {
    if (!unsettled.has(socket.inode ?? 0)) return [socket];
    const successor = current.get(socket.key);
    return successor === undefined ? [] : [successor];
  });
}

function askSockDiag(port: number): Sighting[] | null {
  try {
    const diag = new SockDiag();
    try {
      return listSockets(diag, port, 'with openers');
    } finally {
      diag.close();
    }
  } catch (error) {
    // A sandbox may forbid netlink, and a kernel may have been built without tcp_diag.
    if (error instanceof SystemCallError) return null;
    throw error;
  }
}

async function askObserver(place: Place, port: number, signal?: AbortSignal): Promise<Sightings> {
  const observer = await openObserver('auto', place, signal);
  const { rows } = await takeSnapshot(observer, [port], signal);
  return {
    sockets: rows.map(sightingOfRow),
    way: wayOf(observer),
    refused: null,
  };
}

export function wayOf({ name }: Observer): Sightings['way'] {
  return name === 'proc' ? '/proc/net/tcp' : name;
}

export function sightingOfRow(row: Row): Sighting {
  const { family, local, remote } = row;
  return {
    ...row,
    opener: null,
    key: `${family} ${local.address} ${local.port} ${remote.address} ${remote.port}`,
  };
}
