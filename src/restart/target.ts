import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { isWildcard } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { type Holders, listeners } from '../observe/port-table.ts';
import type { Row } from '../observe/row.ts';

/** Where a server is reached. */
export type Target =
  | { readonly kind: 'tcp'; readonly port: number; readonly listeners: readonly Row[] }
  | { readonly kind: 'unix'; readonly path: string };

/** What there is to listen on before the command is started: it is not the command's. */
export interface Before {
  readonly inodes: ReadonlySet<number>;
}

export function listenersBefore(diag: SockDiag): Before {
  return { inodes: new Set(listeners(diag, new Map()).map(({ inode }) => inode ?? 0)) };
}

/** The listeners that some processes have opened: of the port, if it is known, also those of processes that cannot be seen. */
export function newListeners(
  diag: SockDiag,
  holders: Holders,
  before: Before,
  port: number | undefined,
): Row[] {
  return listeners(diag, holders).filter(
    (row) =>
      !before.inodes.has(row.inode ?? 0) &&
      (port === undefined ? row.processes.length > 0 : row.local.port === port),
  );
}

/** The paths of the Unix sockets that some processes listen on (proc_net_unix(5)); abstract ones begin with @. */
export function unixListeners(holders: Holders): string[] {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n').slice(1);
  return lines.flatMap((line) => {
    // Num: RefCount Protocol Flags Type St Inode Path; a listener has the flag __SO_ACCEPTCON.
    const [, , , flags = '', , , inode = '', ...path] = line.trim().split(/\s+/);
    const listens = (Number.parseInt(flags, 16) & 0x1_0000) !== 0;
    return listens && path.length > 0 && holders.has(Number(inode)) ? [path.join(' ')] : [];
  });
}

/**
 * The one port of these listeners.
 * @throws TcpcloseError `several-ports`
 */
export function onePort(found: readonly Row[]): number {
  const ports = [...new Set(found.map(({ local }) => local.port))].sort((a, b) => a - b);
  const [port] = ports;
  if (port !== undefined && ports.length === 1) return port;
  throw new TcpcloseError(
    'several-ports',
    `the command listens on ${ports.join(', ')}: choose one with --port`,
  );
}

/** An address at which a listener is reached from here. */
export function reachable({ address }: { readonly address: string }): string {
  if (!isWildcard(address)) return address;
  return isIPv6(address) ? '::1' : '127.0.0.1';
}
