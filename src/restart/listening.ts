import { SystemCallError } from '../native/errno.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import type { UnixDiag, UnixSocket } from '../native/unix-diag.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { descendantsOf, type Process } from '../observe/processes.ts';
import type { Holder, Row } from '../observe/row.ts';
import { type Holders, listeners } from '../observe/sock-diag/table.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { RoundContext } from './context.ts';
import type { Run } from './run.ts';
import type { Wanted } from './server-options.ts';
import type { Target } from './target.ts';

/** The kernel's tables of sockets. */
export interface Tables {
  readonly diag: SockDiag;
  readonly unixDiag: UnixDiag;
}

/** The listeners of a run, and the processes below the supervisor. */
interface Look {
  readonly processes: readonly Process[];
  readonly tcp: readonly Row[];
  readonly unix: readonly UnixListener[];
}

/** The inodes of listeners that existed before the command was started, and so are not its own. */
export type Before = ReadonlySet<number>;

export interface UnixListener extends UnixSocket {
  readonly processes: readonly Holder[];
}

export function listenersBefore({ diag, kept }: Pick<RoundContext, 'diag' | 'kept'>): Before {
  const all = listeners(diag).map(({ inode }) => inode ?? 0);
  return new Set(all.filter((inode) => inode !== kept));
}

export async function look(context: RoundContext, before: Before, run: Run, wanted: Wanted): Promise<Look> {
  const processes = descendantsOf(await context.supervisor.pid);
  const holders = socketsOf(processes);
  const port = wanted.kind === 'port' ? wanted.port : undefined;
  return {
    processes,
    tcp: newListeners(context, holders, before, port, run.calls),
    unix: wanted.kind === 'port' ? [] : unixListeners(context, holders),
  };
}

/**
 * The listeners that some processes hold, or have opened by one of these calls. If the port is known, these are all listeners on the port,
 * including those of hidden processes.
 */
export function newListeners(
  { diag }: Tables,
  holders: Holders,
  before: Before,
  port: number | undefined,
  calls: readonly Call[] = [],
): Row[] {
  const opened = new Set(calls.map(({ inode }) => inode));
  const isOwn = ({ processes, inode }: Row) => processes.length > 0 || opened.has(inode);
  return listeners(diag, holders).filter(
    (row) => !before.has(row.inode ?? 0) && (port === undefined ? isOwn(row) : row.local.port === port),
  );
}

/** The sockets that listen on a target, whichever process has them. */
export function listenersAt(
  tables: Tables,
  target: Target,
  holders: Holders,
): readonly (Row | UnixListener)[] {
  return target.kind === 'tcp'
    ? listenersOn(tables, target.port, holders)
    : unixListeners(tables, holders).filter(({ name }) => name.equals(target.name));
}

/** The processes among these that have a socket that listens on a target. */
export function listeningAmong(
  tables: Tables,
  target: Target,
  processes: readonly { readonly pid: number }[],
): Set<number> {
  const sockets = listenersAt(tables, target, socketsOf(processes));
  return new Set(sockets.flatMap(({ processes }) => processes.map(({ pid }) => pid)));
}

export function listenersOn({ diag }: Tables, port: number, holders: Holders): Row[] {
  return listeners(diag, holders).filter(({ local }) => local.port === port);
}

/** The Unix sockets that some processes listen on; none if the kernel does not report the files of sockets. */
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
