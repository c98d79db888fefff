import { TcpcloseError } from '../errors.ts';
import { SystemCallError } from '../native/errno.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import type { UnixDiag, UnixSocket } from '../native/unix-diag.ts';
import { type Holders, listeners } from '../observe/port-table.ts';
import type { Holder, Row } from '../observe/row.ts';

/** The tables of sockets, as the kernel tells them. */
export interface Tables {
  readonly diag: SockDiag;
  readonly unixDiag: UnixDiag;
}

/** What listened before the command was started: it is not the command's. */
export type Before = ReadonlySet<number>;

export interface UnixListener extends UnixSocket {
  readonly processes: readonly Holder[];
}

export function listenersBefore({ diag }: Tables): Before {
  return new Set(listeners(diag, new Map()).map(({ inode }) => inode ?? 0));
}

/** The listeners that some processes have opened: of the port, if it is known, also those of processes that cannot be seen. */
export function newListeners(
  { diag }: Tables,
  holders: Holders,
  before: Before,
  port: number | undefined,
): Row[] {
  return listeners(diag, holders).filter(
    (row) =>
      !before.has(row.inode ?? 0) &&
      (port === undefined ? row.processes.length > 0 : row.local.port === port),
  );
}

/** The Unix sockets that some processes listen on; none where the kernel cannot tell which file belongs to which socket. */
export function unixListeners({ unixDiag }: Tables, holders: Holders): UnixListener[] {
  try {
    return unixDiag.listeners().flatMap((socket) => {
      const processes = holders.get(socket.inode) ?? [];
      return processes.length === 0 || socket.name.length === 0 ? [] : [{ ...socket, processes }];
    });
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'ENOENT') return [];
    throw error;
  }
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
