import type { Harmless, HarmlessLines } from '../foreign.ts';
import type { ListenerOptions } from '../native/borrow.ts';
import type { SignalDisposition } from '../observe/proc/status.ts';
import type { Holder, Row } from '../observe/row.ts';
import type { Call, Watching } from '../supervisor/calls/call.ts';
import type { OtherListener } from './choice.ts';
import type { FirstProcess } from './first-process.ts';
import type { LoadAccount } from './load/account.ts';
import type { Language } from './load/language.ts';
import type { LossCode } from './load/loss-code.ts';
import type { Sighting } from './opening.ts';
import type { OwnBind } from './own-calls.ts';
import type { ReloadBy, ReloadSeen } from './reload/reload.ts';
import type { UnitFacts } from './unit/facts.ts';

/** One way to restart a server. */
export interface Trial {
  /** The signal that stops the server. */
  readonly signal: NodeJS.Signals;
  /** Whether the clients stay connected across the restart, or close as soon as the server is gone. */
  readonly clients: 'stay' | 'close';
  /** Which side closes first. */
  readonly order: 'server-first' | 'client-first';
  /** How the server reloads; undefined if it is stopped and started again. */
  readonly reload?: ReloadBy | undefined;
  /** Whether requests are made during the restart; always during a reload. */
  readonly underLoad: 'yes' | 'no';
}

export type CauseCode =
  | 'no-reuse-address'
  | 'surviving-listener'
  | 'surviving-connection'
  | 'signal-ignored'
  | 'first-process'
  | 'signal-not-passed-on'
  | 'still-running'
  | 'port-taken-by-other'
  | 'exited-otherwise'
  | 'taken-by-first'
  | 'listener-not-taken'
  | 'no-successor'
  | 'ends-at-reload'
  | 'no-answer-after-reload'
  | 'reload-failed'
  | 'racy';

/** Why a restart failed, in words: the observations, and the remedy in one line. */
export interface Cause {
  /** null if the cause has no name. */
  readonly code: CauseCode | LossCode | null;
  readonly explanation: string;
  readonly remedy: string;
}

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
}

/** The result of a bind now on the address of the old listener: `ok` or errno. */
export interface Probe {
  readonly withoutReuseAddress: string;
  readonly withReuseAddress: string;
}

/** A process of the old server that was still running when the server was started again. */
export interface Survivor {
  readonly pid: number;
  /** Its parent before the signal. */
  readonly parent: number;
  readonly name: Harmless;
  readonly command: Harmless;
  /** How it got the listener; null if it does not have it. */
  readonly listener: Inheritance | null;
}

/**
 * `own`: no other process of the server had it before the signal. `shared`: another process of the same program has it too, by fork(2).
 * `inherited`: this process runs another program than the server, and kept the descriptor over execve(2).
 */
export type Inheritance = 'own' | 'shared' | 'inherited';

/** The result of the second start: how far it got with one client. */
export type SecondResult =
  | 'accepts'
  | 'not ready'
  | 'not everywhere'
  | 'no answer'
  | 'ends its client'
  | 'listens only'
  | 'failed';

export interface SecondStart {
  readonly result: SecondResult;
  /** When its client was served, or the start was abandoned: milliseconds of CLOCK_MONOTONIC. */
  readonly at: number;
  /** Whether it was seen to listen where the first start did. */
  readonly listened: 'yes' | 'no';
  /** null if it was still running when it was abandoned. */
  readonly ended: Ending | null;
  readonly output: HarmlessLines;
  /** The processes that accepted the client; empty if none did, or if they are hidden. */
  readonly acceptedBy: readonly Holder[];
  /** Whether these processes are below the command; `foreign` if that of the first listener was not either. */
  readonly acceptor: 'own' | 'foreign';
  /** All sockets on the port after it had failed. */
  readonly sockets: readonly Row[];
  /** The results of its own calls on the server's address. */
  readonly ownBind: OwnBind;
  /** All its binds and listens of streams; empty if they were not watched. */
  readonly calls: readonly Call[];
  /** The ports or paths that it listens on instead, if it is running. */
  readonly listensOn: readonly (number | string)[];
  /** The addresses or paths on which the first start listened but this one does not, although it has served a client. */
  readonly missing: readonly string[];
  /** How long it was watched after it had served its client; null if it did not serve one. */
  readonly watchedMs: number | null;
}

/** The observations of one restart. */
export interface Observation {
  /** Where the server listened: an address and a port, or the path of a Unix socket. */
  readonly target: { readonly address: string; readonly port: number } | { readonly path: Harmless };
  /** How that listener is known to belong to the command. */
  readonly sighting: Sighting;
  /** What else the command listened on. */
  readonly others: readonly OtherListener[];
  /** Whether the command's own calls were watched. */
  readonly watching: Watching;
  /** Whether the first start had clients, which show how it treats them. */
  readonly firstClients: 'some' | 'none';
  readonly signal: NodeJS.Signals;
  /** The language of the server, or its name, as far as remedies differ. */
  readonly language: Language;
  /** How the process that got the signal handles signals; null if that cannot be read. */
  readonly disposition: SignalDisposition | null;
  /** The same after the time limit for stopping; null if it had ended by then. */
  readonly dispositionThen: SignalDisposition | null;
  /** The same for another process that still listened then; null if there is none. */
  readonly listenerDisposition: SignalDisposition | null;
  /** The first process of a container that had not ended by then; undefined if there is none. */
  readonly firstProcess?: FirstProcess | undefined;
  /** Whether the process that got the signal had the listener; `listens` if it has not ended, and still has it. */
  readonly toldProcess: 'listens' | 'listened' | 'did not listen';
  /** How the old server ended, and how long after the signal; null if it had not ended in time. */
  readonly stopped: (Ending & { readonly afterMs: number }) | null;
  readonly stopTimeoutMs: number;
  readonly listenerOptions: ListenerOptions;
  /** The inodes of the old server's listeners, which distinguish them from others on the port; none for a Unix socket. */
  readonly listenerInodes: readonly number[];
  /** All binds and listens of streams of the first start; empty if they were not watched. */
  readonly calls: readonly Call[];
  /** SO_REUSEADDR when the old listener was bound; null if that call was not watched. */
  readonly reuseAddressAtBind: boolean | null;
  /** The sockets that were on the port just before the second start, in their state at its end. */
  readonly oldSockets: readonly Row[];
  readonly oldProcesses: readonly Survivor[];
  /** The pids of those that still had the listener at the end. */
  readonly stillListening: readonly number[];
  /** null if there was no second start. */
  readonly second: SecondStart | null;
  /** The service of systemd; undefined for a command. */
  readonly unit?: UnitFacts | undefined;
  /** What a reload changed; undefined if the server was restarted. */
  readonly reload?: ReloadSeen | undefined;
  /** What became of the requests during the restart; null if there was no load. */
  readonly load: LoadAccount | null;
  /** A bind that was tried after a failed second start, or while a server has not ended. */
  readonly probe: Probe | null;
  /** From the signal to the first client that was served, in milliseconds; null if none was. */
  readonly outageMs: number | null;
}

/** The file of a Unix socket that was not removed at the end, and why. */
export interface LeftFile {
  readonly path: Harmless;
  readonly reason: string;
}

/** A problem that is reported even if the restart succeeded. */
export interface Warning {
  readonly code: 'shared-port' | 'acceptor-not-seen' | 'reload-not-seen' | 'unit-left';
  readonly text: string;
}

export interface RoundResult extends Observation {
  /** `loses`: it survives, but loses requests. `not decided`: it survives, but the load shows nothing. */
  readonly verdict: 'survives' | 'loses' | 'fails' | 'not decided';
  readonly cause: Cause | null;
  readonly warnings: readonly Warning[];
  readonly leftFiles: readonly LeftFile[];
}

/** The rounds of one trial together. */
export interface TrialResult extends Trial, Pick<RoundResult, 'verdict' | 'cause'> {
  /** Why the verdict is not decided; null if it is. */
  readonly reason: string | null;
  readonly rounds: readonly RoundResult[];
  /** How long all rounds took together, in milliseconds. */
  readonly durationMs: number;
}
