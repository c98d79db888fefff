import type { Harmless } from '../foreign.ts';

/** What made a bind or a listen fail. */
export type FailureKind =
  | 'same process'
  | 'earlier start'
  | 'this run'
  | 'outside'
  | 'outgoing connection'
  | 'leftover'
  | 'file exists'
  | 'refused'
  | 'unknown';

/** A process that held the port at that moment. */
export interface PortHolder {
  readonly pid: number;
  readonly command: Harmless;
  /** `this run`: below the command that tcpclose runs. */
  readonly relation: 'same process' | 'this run' | 'outside';
  /** The states of its sockets on the port. */
  readonly states: readonly string[];
  /** How long before the failure its socket was bound; null if that was not seen. */
  readonly boundMsBefore: number | null;
}

/** A bind(2) or listen(2) that failed, and the processes that blocked it at that moment. */
export interface FailedBind {
  readonly call: 'bind' | 'listen';
  readonly pid: number;
  readonly command: Harmless;
  readonly protocol: 'TCP' | 'UDP' | 'Unix' | 'other';
  readonly address: string | null;
  readonly port: number | null;
  readonly path: Harmless | null;
  /** The errno, or `failed` if it is unknown. */
  readonly result: string;
  /** SO_REUSEADDR at that moment; null if it could not be read. */
  readonly reuseAddress: boolean | null;
  readonly kind: FailureKind;
  readonly holders: readonly PortHolder[];
  /** The states of the port's sockets without a process. */
  readonly leftovers: readonly string[];
  /**
   * Set if a bind to port 0 in this run had got the port, and it was closed again: by which process, and how long before. `not seen`: it is
   * unknown which port the bind had got, because the socket was closed at once without a listen.
   */
  readonly asked: {
    readonly pid: number;
    readonly msBefore: number;
    readonly port: 'seen' | 'not seen';
  } | null;
  /** When the holders were read: while the call waited, or right after it. */
  readonly seen: 'while it waited' | 'right after it';
  /** What happened, in one sentence, and what to do. */
  readonly text: string;
  readonly remedy: string;
  /** Milliseconds since the command was started. */
  readonly atMs: number;
  /** How many times the same call failed in the same way. */
  readonly times: number;
}
