import type { Endpoint } from '../../address.ts';
import type { ReceiveMemory } from '../../native/sock-diag-message.ts';
import type { Movement } from '../../native/tcp-info.ts';
import type { Holder, Row } from '../../observe/row.ts';
import { TimeWaits } from './time-waits.ts';

/** A number if the kernel gave a cookie: there may be very many sockets. */
export type Key = number | string;

/** A socket that is not in TIME_WAIT and not merely bound. */
export interface Socket extends Omit<Row, 'processes' | 'cookie'> {
  /** SO_COOKIE, or another key: the same in every look, and different for every socket. */
  readonly key: Key;
  /** The limit of a listener's accept queue; 0 for other sockets. */
  readonly backlog: number;
  /** null if it could not be read. */
  readonly movement: Movement | null;
  /** Set if its receive buffer has no room: its window is zero, and the other side cannot send. */
  readonly isFull?: true;
}

/** The table of sockets of one network, at one moment. */
export interface SocketTable {
  /** Connections in all states but TIME_WAIT. */
  readonly connections: readonly Socket[];
  readonly listeners: readonly Socket[];
  readonly timeWaits: TimeWaits;
  /** The label of the observer. */
  readonly way: string;
  /** The processes of sockets by inode, if the observer names them itself; null if they must be searched for. */
  readonly holders: ReadonlyMap<number, readonly Holder[]> | null;
}

/**
 * Whether the receive buffer has no room, so that the window is zero. Before Linux 6.2, and in ss, the memory of the buffer shows it: the
 * window closes when a segment or a sixteenth of the buffer does not fit any more (__tcp_select_window() of Linux).
 */
export function isFull(movement: Movement | null, memory: ReceiveMemory | undefined): boolean {
  const window = movement?.receiveWindow ?? null;
  if (window !== null) return window === 0;
  return memory !== undefined && memory.limit > 0 && memory.used >= memory.limit * (3 / 4);
}

export class TableBuilder {
  readonly #connections: Socket[] = [];
  readonly #listeners: Socket[] = [];
  readonly #timeWaits = new TimeWaits();

  add(socket: Socket): void {
    if (socket.state === 'TIME_WAIT') {
      this.addTimeWait(socket.local, socket.remote, socket.timer?.leftMs ?? 0);
    } else if (socket.state === 'LISTEN') {
      this.#listeners.push(socket);
    } else if (socket.state !== 'CLOSED' && socket.state !== 'BOUND_INACTIVE') {
      this.#connections.push(socket);
    }
  }

  addTimeWait(local: Endpoint, remote: Endpoint, leftMs: number): void {
    this.#timeWaits.add(local, remote, leftMs);
  }

  finish(way: string, holders: SocketTable['holders'] = null): SocketTable {
    return {
      connections: this.#connections,
      listeners: this.#listeners,
      timeWaits: this.#timeWaits,
      way,
      holders,
    };
  }
}
