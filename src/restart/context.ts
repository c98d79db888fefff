import { SockDiag } from '../native/sock-diag.ts';
import { UnixDiag } from '../native/unix-diag.ts';
import type { Waiting } from '../waiting.ts';
import type { Tables } from './listening.ts';
import type { LoadOptions } from './load/options.ts';
import type { ServerOptions } from './server-options.ts';
import type { SocketFile } from './socket-file.ts';
import { Supervisor, type Watch } from './supervisor.ts';

export interface RoundOptions extends ServerOptions {
  readonly clients: number;
  /** What each client sends. */
  readonly request: Buffer | undefined;
  /** The clients that make requests during the restart; undefined if there are none. */
  readonly load: LoadOptions | undefined;
  readonly stopTimeoutMs: number;
  /** How long a start is watched after it has served its client. */
  readonly settleMs: number;
  /** Whether to start it repeatedly until it listens. */
  readonly until: 'first failure' | 'recovered';
}

/** The context of a round. */
export interface RoundContext extends Tables {
  readonly supervisor: Supervisor;
  readonly signal: AbortSignal;
  /** The inode of the listener that is kept across all starts, and passed to each (LISTEN_FDS); undefined if there is none. */
  readonly kept: number | undefined;
  /** What an interrupted round leaves, described for the user. */
  readonly left: Set<string>;
  /** The Unix socket files that the command was seen to listen on in this round. */
  readonly files: Set<SocketFile>;
  readonly progress: Waiting;
}

/** Lets something run with a supervisor, and leaves nothing of what that has started. */
export async function withContext<Result>(
  watch: Watch,
  { signal, progress }: Pick<RoundContext, 'signal' | 'progress'>,
  act: (context: RoundContext) => Promise<Result>,
): Promise<Result> {
  const diag = new SockDiag();
  const unixDiag = new UnixDiag();
  const supervisor = new Supervisor(watch);
  try {
    return await act({
      ...{ supervisor, diag, unixDiag, progress },
      signal: AbortSignal.any([signal, supervisor.lost]),
      kept: undefined,
      left: new Set(),
      files: new Set(),
    });
  } finally {
    await supervisor.end();
    diag.close();
    unixDiag.close();
  }
}
