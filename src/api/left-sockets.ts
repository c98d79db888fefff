import type { Endpoint } from '../address.ts';
import { withSockDiag } from '../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../native/sockaddr.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { commandLineOf, steadyDescendantsOf } from '../observe/processes.ts';
import { rowOf } from '../observe/sock-diag/table.ts';
import type { State } from '../state.ts';
import { poll } from '../time.ts';
import { type Duration, msOf } from './duration.ts';
import { requireProcesses } from './following.ts';

/** A TCP socket of this process or of a descendant. */
export interface LeftSocket {
  readonly state: State;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly pid: number;
  readonly command: string;
  readonly inode: number;
}

export interface LeftOptions {
  /** How long sockets may take to close (default: 2 s). */
  readonly within?: Duration | undefined;
  /** Inodes of sockets to ignore, because they were open before. */
  readonly except?: ReadonlySet<number> | undefined;
}

const everyMs = 20;

/** The sockets that are still open when the time is over; returns early once none is left. */
export async function leftSockets({ within = '2s', except }: LeftOptions = {}): Promise<LeftSocket[]> {
  requireProcesses();
  let left: LeftSocket[] = [];
  const isClean = () => {
    left = socketsNow().filter(({ inode }) => !except?.has(inode));
    return left.length === 0;
  };
  await poll('all sockets to be closed', isClean, { withinMs: msOf(within), everyMs });
  return left;
}

/** Those of this process and of all its descendants. */
function socketsNow(): LeftSocket[] {
  const processes = [{ pid: process.pid }, ...steadyDescendantsOf(process.pid)];
  const holders = socketsOf(processes);
  const sockets = withSockDiag((diag) => [AF_INET, AF_INET6].flatMap((family) => diag.list(family, {})));
  return sockets.flatMap((socket) => {
    const { state, local, remote, inode, processes } = rowOf(socket, holders);
    const [holder] = processes;
    if (holder === undefined || inode === null) return [];
    return [{ state, local, remote, inode, pid: holder.pid, command: commandLineOf(holder.pid) }];
  });
}
