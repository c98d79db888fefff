import { SystemCallError } from '../native/errno.ts';
import { SockDiag } from '../native/sock-diag.ts';
import { type Observer, openObserver, takeSnapshot } from '../observe/observer.ts';
import type { Place } from '../observe/place.ts';
import { findHolders } from '../observe/proc/holders.ts';
import type { Row } from '../observe/row.ts';
import type { Sighting, Sightings } from './sighting.ts';
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

function askKernel(port: number): Sightings | null {
  const sockets = askSockDiag(port);
  if (sockets === null) return null;
  const inodes = new Set(sockets.map(({ inode }) => inode).filter((inode) => inode !== 0));
  if (inodes.size === 0) return { sockets, way: 'sock_diag', refused: 0 };
  const { byInode, refused } = findHolders((inode) => inodes.has(inode));
  const owned = sockets.map((socket) => ({ ...socket, processes: byInode.get(socket.inode ?? 0) ?? [] }));
  return { sockets: owned, way: 'sock_diag', refused };
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
