import { type Place, readAll } from '../observe/place.ts';
import { findHolders, type Holders } from '../observe/proc/holders.ts';
import { linesOfPorts, parseProc } from '../observe/proc/parse.ts';
import { type Holder, uniqueHolders } from '../observe/row.ts';

/** A UDP socket on a port of that number: it does not conflict with TCP, but is easily mistaken for the holder. */
export interface UdpSocket {
  readonly address: string;
  /** Empty if they are not visible, as behind a launcher. */
  readonly processes: readonly Holder[];
}

const tables = ['/proc/net/udp', '/proc/net/udp6'];

/** The tables of UDP have the columns of /proc/net/tcp, and some more (proc_pid_net(5)). */
export async function findUdp(place: Place, port: number, signal?: AbortSignal): Promise<UdpSocket[]> {
  const text = await readAll(place, tables, signal);
  const rows = parseProc(linesOfPorts(text, [port])).rows.filter(({ local }) => local.port === port);
  if (rows.length === 0) return [];
  const inodes = new Set(rows.map(({ inode }) => inode));
  const byInode: Holders['byInode'] =
    place.procNet === undefined ? new Map() : findHolders((inode) => inodes.has(inode)).byInode;
  return rows.map(({ local, inode }) => ({
    address: local.address,
    processes: uniqueHolders(byInode.get(inode ?? 0) ?? []),
  }));
}
