/**
 * The states of a TCP socket, written as netstat writes them (RFC 9293 section 3.3.2 with underscores).
 * The order is the kernel's: a state's place in the list is its number in `include/net/tcp_states.h`.
 * BOUND_INACTIVE is what newer `ss` calls a socket that is bound and neither listens nor connects.
 */
export const states = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSED',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
  'BOUND_INACTIVE',
] as const;

export type State = (typeof states)[number];

/** TCP_TIMEWAIT_LEN: a constant of Linux that no setting changes. */
export const timeWaitMs = 60_000;

/** The state with the kernel's number, from 1 (ESTABLISHED) to 13 (BOUND_INACTIVE). */
export function stateOfNumber(number: number): State | undefined {
  return states[number - 1];
}

/** The kernel's number of a state, as in /proc/net/tcp and in sock_diag. */
export function numberOfState(state: State): number {
  return states.indexOf(state) + 1;
}

export function isState(text: string): text is State {
  return (states as readonly string[]).includes(text);
}
