import type { SockDiag } from '../native/sock-diag.ts';
import type { Keeper } from './keeper.ts';
import type { ServerOptions } from './server.ts';

export interface RoundOptions extends ServerOptions {
  readonly clients: number;
  readonly request: string | undefined;
  readonly stopTimeoutMs: number;
  /** Whether to start it again and again until it listens. */
  readonly until: 'first failure' | 'recovered';
}

/** What a round works with. */
export interface Bench {
  readonly keeper: Keeper;
  readonly diag: SockDiag;
  readonly signal: AbortSignal;
  /** Told what is being waited for; with the time it ends by, in milliseconds of performance.now(), where that is known. */
  progress(what: string, endsAt?: number): void;
}
