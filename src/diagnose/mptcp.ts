/**
 * Which TCP sockets are subflows of MPTCP. When the process of a connection ends, a DATA_FIN informs the other side, and the subflow stays
 * ESTABLISHED until that side closes as well, or until net.mptcp.close_timeout.
 */
import { pairOf } from '../address.ts';
import type { Row } from '../observe/row.ts';
import type { State } from '../state.ts';

/** `left`: the process has closed the connection, and only the kernel has it. */
export interface Subflow {
  readonly of: 'listener' | 'connection' | 'left';
  /** For a subflow that is left: milliseconds until the kernel drops it; null if no timer runs. */
  readonly leftMs: number | null;
}

interface Subflows {
  /** The sockets, without the inode of a process that has closed its socket: kernels from 6.17 on still report it. */
  readonly sockets: readonly Row[];
  /** The keys are the sockets above. */
  readonly subflows: ReadonlyMap<Row, Subflow>;
}

/** The states of closed sockets. A connection that waits to be accepted has no process either, but is in none of these. */
const closed: readonly State[] = ['FIN_WAIT1', 'FIN_WAIT2', 'CLOSING', 'LAST_ACK', 'TIME_WAIT', 'CLOSED'];

export function subflowsAmong(sockets: readonly Row[], mptcp: readonly Row[]): Subflows {
  const byPair = new Map(mptcp.map((socket) => [keyOf(socket), socket]));
  const found = sockets.map((socket) => {
    const parent = socket.state === 'TIME_WAIT' ? undefined : byPair.get(keyOf(socket));
    if (parent === undefined) return { socket, subflow: null };
    const subflow = subflowOf(socket, parent);
    return { socket: subflow.of === 'left' ? { ...socket, inode: 0 } : socket, subflow };
  });
  return {
    sockets: found.map(({ socket }) => socket),
    subflows: new Map(found.flatMap(({ socket, subflow }) => (subflow === null ? [] : [[socket, subflow]]))),
  };
}

function subflowOf({ processes }: Row, { state, inode, timer }: Row): Subflow {
  if (state === 'LISTEN') return { of: 'listener', leftMs: null };
  const isLeft = processes.length === 0 && inode === 0 && closed.includes(state);
  // The only timer of such a socket that inet_diag reports as keepalive is that of mptcp_reset_tout_timer().
  return isLeft
    ? { of: 'left', leftMs: timer?.kind === 'keepalive' ? timer.leftMs : null }
    : { of: 'connection', leftMs: null };
}

// Additional subflows have another pair of ends, and are not recognised.
function keyOf({ family, state, local, remote }: Row): string {
  const role = state === 'LISTEN' ? 'listener' : 'connection';
  return `${role} ${family} ${pairOf(local, remote)}`;
}
