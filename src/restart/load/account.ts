import type { Class, ConnectionEnd, FinishedRequest } from '../../load/request.ts';
import type { Kind } from '../../load/spec.ts';
import type { Language } from './language.ts';
import type { LossCode } from './loss-code.ts';

/** What the server does from the signal on. */
export type Phase =
  /** The old server still has its listener. */
  | 'draining'
  /** The old server still runs, but has closed its listener. */
  | 'closing'
  /** The old server is gone, and nothing listens. */
  | 'down'
  /** The second start listens, but has not answered yet. */
  | 'starting'
  | 'serving';

/** Why the kernel ended a connection, as far as it was seen. */
export type Reason = 'no listener' | 'unread data' | 'accept queue closed' | 'not seen';

/**
 * What showed that the listener was gone: the kernel's `notice` of the destroyed socket, its `table` of sockets, the `exit` of the server,
 * which ends everything it had, or a client that was `refused`.
 */
export type GoneSeenBy = 'notice' | 'table' | 'exit' | 'refused';

/**
 * What showed the exit of the old server: `wait`(2) in the process that started it; `proc` if another process waits for it, as for a daemon
 * or a unit, and its entry in /proc was gone; or a client that was `refused` before either.
 */
export type ExitSeenBy = 'wait' | 'proc' | 'refused';

/** Kept connections that the old server has ended in the same way, as their clients saw it. */
export interface ConnectionEnds extends Pick<ConnectionEnd, 'by' | 'when'> {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** The moments of a restart, in milliseconds of CLOCK_MONOTONIC; null if something did not happen, or was not seen. */
export interface Moments {
  readonly loadFrom: number;
  readonly signal: number;
  readonly listenerGone: number | null;
  readonly exited: number | null;
  /** When a process that had the listener at the signal was last seen running, before its exit began; null if that was not seen. */
  readonly lastAlive: number | null;
  readonly started: number | null;
  readonly listens: number | null;
  readonly answers: number | null;
  /** What shows the end of the old listener and the beginning of the new one. */
  readonly listensSeenBy: 'calls' | 'table';
  /** What first showed the listener's end; null if it was not seen. */
  readonly goneSeenBy: GoneSeenBy | null;
  /** null if the exit was not seen. */
  readonly exitSeenBy: ExitSeenBy | null;
  /** When a reload was over; undefined if the server was restarted. */
  readonly reloaded?: number | undefined;
  /** Whether the listener was kept across both starts. */
  readonly kept?: boolean | undefined;
  /** When the second start of a handover began, before the signal; undefined if there was none. */
  readonly handoverFrom?: number | undefined;
}

/** A request that lost its answer. */
export interface LostRequest extends FinishedRequest {
  readonly phase: Phase;
  readonly reason: Reason;
  readonly cause: LossCode;
}

/** Requests that were lost for the same reason. */
export interface Loss {
  readonly cause: LossCode;
  readonly count: number;
  readonly explanation: string;
  readonly remedy: string;
}

export type Counts = Readonly<Record<Class, number>>;

export interface KindAccount {
  readonly kind: Kind;
  readonly asked: number;
  /** Requests that ended before the signal. */
  readonly before: Counts;
  /** Requests that ended after the signal, whenever they began. */
  readonly after: Counts;
  readonly lostAfter: number;
}

/** Every request of one restart. */
export interface LoadAccount {
  readonly asked: string;
  readonly request: string;
  readonly language: Language;
  readonly moments: Moments;
  readonly kinds: readonly KindAccount[];
  /** The number of requests that ended after the signal, and how many of these were lost. */
  readonly requests: number;
  readonly lost: number;
  readonly lostRequests: readonly LostRequest[];
  /** The requests that were answered, before and after the signal. */
  readonly answered: readonly FinishedRequest[];
  readonly losses: readonly Loss[];
  readonly ends: readonly ConnectionEnds[];
  readonly newAsked: number;
  readonly newMade: number;
  readonly latestMs: number;
  readonly allowedLoss: number;
  /** `too little`: the load could not be made as asked, or showed nothing. */
  readonly verdict: 'loses nothing' | 'within the allowed loss' | 'loses' | 'too little';
  /** Why it is too little; null if it is enough. */
  readonly reason: string | null;
  /** Facts that limit the result. */
  readonly notes: readonly string[];
}
