import { UsageError } from '../../errors.ts';
import type { Subject } from '../../lab/ends/peer.ts';
import { nearestTo } from '../../nearest.ts';
import { times } from '../../observe/describe.ts';
import type { Row, TimerKind } from '../../observe/row.ts';
import type { TableQuestion } from '../../question.ts';
import { isState, type State, states } from '../../state.ts';

/** What else must be true of the sockets in the state. */
export interface StateDetails {
  /** `none`: no process holds the socket. Otherwise the process that holds it, such as a peer. */
  readonly process?: 'none' | { readonly pid: number };
  readonly timer?: TimerKind | 'none';
  /** Unacknowledged bytes. */
  readonly sendQueue?: number;
  /** The minimum number of retransmissions by the timer. */
  readonly retransmits?: number;
  /** How long to wait for it, in milliseconds (default: the patience of the run). */
  readonly withinMs?: number;
  /** How long the state lasts before it ends by itself, in milliseconds, if that differs from the kernel's timer for the state. */
  readonly lastsMs?: number;
}

// A scenario in JavaScript may name a state that no socket ever has, because types do not prevent that. It would wait for it forever.
export function refuseUnknown(state: string): void {
  if (isState(state)) return;
  const nearest = nearestTo(state, states);
  const remedy = nearest === undefined ? `choose one of ${states.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError('unknown-state', `"${state}" is not a state of a TCP socket: ${remedy}`);
}

export function hasDetails(row: Row, { process, timer, retransmits = 0, sendQueue }: StateDetails): boolean {
  if (sendQueue !== undefined && row.sendQueue !== sendQueue) return false;
  if ((row.timer?.retransmits ?? 0) < retransmits) return false;
  if (process === 'none' && (row.processes.length > 0 || (row.inode ?? 0) !== 0)) return false;
  if (typeof process === 'object' && !row.processes.some(({ pid }) => pid === process.pid)) return false;
  return timer === undefined || (row.timer?.kind ?? 'none') === timer;
}

export function describeExpectation(states: readonly State[], details: StateDetails, count: number): string {
  const { process, timer, retransmits, sendQueue } = details;
  const holder = typeof process === 'object' ? `pid ${process.pid}` : process === 'none' ? 'no process' : '';
  const clock = timer === undefined ? '' : timer === 'none' ? 'no timer' : `timer ${timer}`;
  const queue = sendQueue === undefined ? '' : `${sendQueue} bytes unacknowledged`;
  const again = retransmits === undefined ? '' : `sent again ${retransmits} times`;
  return times(
    count,
    [states.join(' or '), holder, clock, again, queue].filter((part) => part !== '').join(', '),
  );
}

/** The states and details that are expected. */
export interface Asked {
  readonly states: readonly State[];
  readonly details: StateDetails;
  /** The minimum of it. */
  readonly receiveQueue?: number;
}

/** The same for a program that judges the readings again. */
export function tableQuestion(
  { ends }: Subject,
  { states, details, receiveQueue }: Asked,
  readings: readonly string[],
): TableQuestion {
  const { process = null, timer = null, sendQueue = null, retransmits = null } = details;
  return {
    about: 'table',
    ends: ends.map(({ local, remote }) => ({ local, remote })),
    // Bytes may wait in any state.
    states: receiveQueue === undefined ? states : [],
    process: typeof process === 'object' && process !== null ? process.pid : process,
    ...{ timer, sendQueue, retransmits, receiveQueue: receiveQueue ?? null, readings },
  };
}
