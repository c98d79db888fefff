import type { Tables } from './listening.ts';
import type { ServerOptions } from './server-options.ts';
import type { SocketFile } from './socket-file.ts';
import type { Supervisor } from './supervisor.ts';

export interface RoundOptions extends ServerOptions {
  readonly clients: number;
  /** What each client sends. */
  readonly request: Buffer | undefined;
  readonly stopTimeoutMs: number;
  /** How long a start is watched that has served its client. */
  readonly settleMs: number;
  /** Whether to start it again and again until it listens. */
  readonly until: 'first failure' | 'recovered';
}

/** What a round works with. */
export interface RoundContext extends Tables {
  readonly supervisor: Supervisor;
  readonly signal: AbortSignal;
  /** The files of Unix sockets that the command was seen to listen on in this round. */
  readonly files: Set<SocketFile>;
  /** Told what is being waited for; with the time it ends by, in milliseconds of performance.now(), where that is known. */
  progress(what: string, endsAt?: number): void;
}
