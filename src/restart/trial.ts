import type { Harmless, HarmlessLines } from '../foreign.ts';
import type { ListenerOptions } from '../native/borrow.ts';
import type { Row } from '../observe/row.ts';

/** One way to restart a server. */
export interface Trial {
  /** What the server is stopped by. */
  readonly signal: NodeJS.Signals;
  /** Whether the clients stay connected over the restart, or close as soon as the server is gone. */
  readonly clients: 'stay' | 'close';
  /** Who closes first. */
  readonly order: 'server-first' | 'client-first';
}

export const causeCodes = [
  'no-reuse-address',
  'surviving-listener',
  'surviving-connection',
  'still-running',
  'port-taken-by-other',
  'exited-otherwise',
  'racy',
] as const;
export type CauseCode = (typeof causeCodes)[number];

/** Why a restart failed, in words: what was seen, and the remedy in one line. */
export interface Cause {
  /** null where it is none of those that have a name. */
  readonly code: CauseCode | null;
  readonly explanation: string;
  readonly remedy: string;
}

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
}

/** What a bind says now on the address of the old listener: `ok` or errno. */
export interface Probe {
  readonly withoutReuseAddress: string;
  readonly withReuseAddress: string;
}

/** A process of the old server that was still there when it was started again. */
export interface Survivor {
  readonly pid: number;
  readonly parent: number;
  readonly name: Harmless;
  readonly command: Harmless;
}

/** What was seen of one restart. */
export interface Observation {
  /** Where the server listened: an address and a port, or the path of a Unix socket. */
  readonly target: { readonly address: string; readonly port: number } | { readonly path: Harmless };
  /** How the old server ended, and how long after the signal; null if it had not ended in time. */
  readonly stopped: (Ending & { readonly afterMs: number }) | null;
  readonly stopTimeoutMs: number;
  readonly listenerOptions: ListenerOptions;
  /** The sockets that were on the port just before the second start, as they were when it was over. */
  readonly oldSockets: readonly Row[];
  readonly oldProcesses: readonly Survivor[];
  /** null if there was no second start. */
  readonly second: {
    /** null if it was still running when it was given up. */
    readonly ended: Ending | null;
    readonly output: HarmlessLines;
    readonly result: 'accepts' | 'listens only' | 'failed';
    /** The sockets on the port after it had failed, whoever's they are. */
    readonly sockets: readonly Row[];
    /** The ports that it listens on instead, if it is running. */
    readonly listensOn: readonly number[];
  } | null;
  /** Tried after a second start that failed. */
  readonly probe: Probe | null;
  /** From the signal to the first accepted connection; null if there was none. */
  readonly outageMs: number | null;
}

export interface RoundResult extends Observation {
  readonly verdict: 'survives' | 'fails';
  readonly cause: Cause | null;
}

/** The rounds of one trial together. */
export interface TrialResult extends Trial {
  readonly verdict: 'survives' | 'fails' | 'not decided';
  readonly cause: Cause | null;
  /** Why it is not decided; null if it is. */
  readonly reason: string | null;
  readonly rounds: readonly RoundResult[];
}
