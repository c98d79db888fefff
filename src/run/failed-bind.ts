import type { Harmless } from '../foreign.ts';

/** What a bind or a listen failed over. */
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

/** A bind(2) or listen(2) that failed, and who was in its way at that moment. */
export interface FailedBind {
  readonly call: 'bind' | 'listen';
  readonly pid: number;
  readonly command: Harmless;
  readonly protocol: 'TCP' | 'UDP' | 'Unix' | 'other';
  readonly address: string | null;
  readonly port: number | null;
  readonly path: Harmless | null;
  /** The errno, or `failed` if it is not known. */
  readonly result: string;
  /** SO_REUSEADDR at that moment; null if it could not be read. */
  readonly reuseAddress: boolean | null;
  readonly kind: FailureKind;
  readonly holders: readonly PortHolder[];
  /** The states of the sockets on the port without a process. */
  readonly leftovers: readonly string[];
  /** The port had been got by a bind to port 0 in this run, and closed again: by which process, and how long before. */
  readonly asked: { readonly pid: number; readonly msBefore: number } | null;
  /** When the holders were read: while the call waited, or right after it. */
  readonly seen: 'while it waited' | 'right after it';
  /** What happened, in one sentence, and what to do. */
  readonly text: string;
  readonly remedy: string;
  /** Milliseconds since the command was started. */
  readonly atMs: number;
  /** How often the same failed in the same way. */
  readonly times: number;
}
