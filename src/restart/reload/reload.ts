import type { Harmless, HarmlessLines } from '../../foreign.ts';
import type { Class } from '../../load/request.ts';
import type { Ending } from '../trial.ts';

/**
 * How a server reloads: by a signal to its main process, or by a shell command. `handover`: it is started a second time, and the first
 * start gets the signal when the second one listens.
 */
export type ReloadBy =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'command'; readonly command: string }
  | {
      readonly kind: 'handover';
      readonly signal: NodeJS.Signals;
      /** The signal at which the server starts its successor itself; undefined if tcpclose starts it. */
      readonly by: NodeJS.Signals | undefined;
    };

/** A process that has the listener. */
export interface Listening {
  readonly pid: number;
  readonly name: Harmless;
  readonly command: Harmless;
  /** When it was started, counted from the signal; negative if before; null if it ended too soon to be read. */
  readonly startedMs: number | null;
  /** The number of client connections that it had at that moment. */
  readonly connections: number;
}

/** The processes that listen at one moment, and their sockets. */
export interface Listeners {
  readonly processes: readonly Listening[];
  readonly inodes: readonly number[];
}

/** A handover, in milliseconds since the second start. */
export interface Handover {
  /** null if it never listened. */
  readonly listensMs: number | null;
  /** Whether the second start was passed the listener of the first, by tcpclose or by the server itself. */
  readonly listener: 'passed' | 'its own';
  /** Whether its bind got EADDRINUSE, or its output reports that. */
  readonly inUse: 'yes' | 'no';
  /** When the first start got its signal; null if it did not get one. */
  readonly toldMs: number | null;
  /** When the first start had ended; null if it had not. */
  readonly stoppedMs: number | null;
}

/** What a reload changed. */
export interface ReloadSeen {
  readonly by: ReloadBy;
  readonly before: Listeners;
  readonly after: Listeners;
  /** The pids that did not listen before. */
  readonly added: readonly number[];
  /** What became of the listening sockets: `joined` if another one was added beside the old ones. */
  readonly listener: 'stayed' | 'joined' | 'replaced' | 'gone';
  /** The program that has taken the port since; undefined if none has. */
  readonly takenBy?: string | undefined;
  /** From the signal to the last change of the listening processes; null if nothing changed. */
  readonly lastChangeMs: number | null;
  /** How the command ended; null if it still ran, or if there was no command. */
  readonly commandEnded: Ending | null;
  /** How the process that was started first ended; null if it still ran. */
  readonly mainEnded: Ending | null;
  /** The result of a request on a new connection after the reload. */
  readonly answer: { readonly class: Class; readonly status: number | null };
  /** Whether something still listened when the load was over. */
  readonly listensAtEnd: 'yes' | 'no';
  /** Facts of a handover only. */
  readonly handover?: Handover | undefined;
  /** The end of the command's output, or of the server's if there was no command. */
  readonly output: HarmlessLines;
}

export function listenerChange(before: Listeners, after: Listeners): ReloadSeen['listener'] {
  if (after.inodes.length === 0) return 'gone';
  const kept = after.inodes.filter((inode) => before.inodes.includes(inode));
  if (kept.length === 0) return 'replaced';
  return kept.length === after.inodes.length ? 'stayed' : 'joined';
}

export function isNew({ pid, startedMs }: Listening, before: Listeners): boolean {
  // A pid may be reused; the two readings of a start differ by the clock's step.
  return !before.processes.some(
    (one) => one.pid === pid && Math.abs((one.startedMs ?? 0) - (startedMs ?? 0)) < sameStartMs,
  );
}

const sameStartMs = 100;
