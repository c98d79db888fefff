import type { SockDiag } from '../../native/sock-diag.ts';
import type { DiagSocket } from '../../native/sock-diag-message.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { numberOfState, stateOfNumber } from '../../state.ts';
import type { Holder, Row, Timer, TimerKind } from '../row.ts';

const families = [AF_INET, AF_INET6];
const listening = 1 << numberOfState('LISTEN');
const boundOnly = 1 << numberOfState('BOUND_INACTIVE');

/** The holders of the socket with an inode, as far as known. */
export type Holders = ReadonlyMap<number, readonly Holder[]>;

const nobody: Holders = new Map();

/**
 * The sockets that have the port at either end, in any state, including those that are bound and do not listen; in about 0.3 ms, or three
 * times that if the way they were opened is requested.
 */
export function socketsWithPort(diag: SockDiag, port: number, holders = nobody, ask?: 'open'): Row[] {
  return families.flatMap((family) => [
    ...diag.list(family, { port, ask }).map((socket) => rowOf(socket, holders)),
    ...diag
      .list(family, { port, states: boundOnly })
      .map((socket): Row => ({ ...rowOf(socket, holders), state: 'BOUND_INACTIVE' })),
  ]);
}

/** The sockets with that local port. */
export function socketsOnPort(diag: SockDiag, port: number, holders = nobody, ask?: 'open'): Row[] {
  return socketsWithPort(diag, port, holders, ask).filter(({ local }) => local.port === port);
}

/** All sockets of this network, except those that are bound and do not listen. */
export function allSockets(diag: SockDiag, holders = nobody): Row[] {
  return families.flatMap((family) => diag.list(family).map((socket) => rowOf(socket, holders)));
}

const halfClosed = (1 << numberOfState('CLOSE_WAIT')) | (1 << numberOfState('FIN_WAIT2'));

/**
 * How many milliseconds ago the other side sent its last segment, by cookie: for a CLOSE_WAIT usually its FIN, for a FIN_WAIT2 the ACK of
 * our FIN. Reads only these states, and only one port if given.
 */
export function quietAfterClose(diag: SockDiag, port: number | null): Map<string, number> {
  const options = { states: halfClosed, ask: 'open', ...(port === null ? {} : { port }) } as const;
  return new Map(
    families.flatMap((family) =>
      diag
        .list(family, options)
        .flatMap(({ cookie, quiet }) => (quiet === null ? [] : [[cookie.toString(16), quiet.ackReceivedMs]])),
    ),
  );
}

/** All listeners of this network. */
export function listeners(diag: SockDiag, holders = nobody): Row[] {
  return families.flatMap((family) =>
    diag.list(family, { states: listening }).map((socket) => rowOf(socket, holders)),
  );
}

// By number, as in inet_sk_diag_fill() of the kernel's net/ipv4/inet_diag.c.
const timerKinds: readonly (TimerKind | null)[] = [null, 'on', 'keepalive', 'timewait', 'persist'];

export function rowOf(socket: DiagSocket, holders: Holders): Row {
  const { family, local, remote, receiveQueue, sendQueue, uid, inode, cookie, open, ipv6Only } = socket;
  const state = stateOfNumber(socket.state) ?? 'CLOSED';
  return {
    family,
    state,
    local,
    remote,
    receiveQueue,
    sendQueue: state === 'LISTEN' ? 0 : sendQueue,
    timer: timerOf(socket.timer, socket.expiresMs, socket.retransmits),
    processes: inode === 0 ? [] : [...(holders.get(inode) ?? [])],
    uid,
    inode,
    cookie: cookie.toString(16),
    open,
    ...(ipv6Only ? { ipv6Only } : {}),
  };
}

/** The timer by the kernel's number of its kind; null for none. */
export function timerOf(number: number, leftMs: number, retransmits: number): Timer | null {
  const kind = timerKinds[number] ?? (number === 0 ? null : 'unknown');
  return kind === null ? null : { kind, leftMs, retransmits };
}
