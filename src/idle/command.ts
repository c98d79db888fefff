import { type Endpoint, isWildcard } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { clear } from '../restart/clearing.ts';
import { type RoundContext, withContext } from '../restart/context.ts';
import { describeEnding, endedEarly } from '../restart/early-end.ts';
import { refuseShared } from '../restart/foreign-listeners.ts';
import { listenersBefore } from '../restart/listening.ts';
import { startServer } from '../restart/server.ts';
import type { ServerOptions } from '../restart/server-options.ts';
import { reachable, type Target } from '../restart/target.ts';
import { atMost } from '../waiting.ts';

/** How long a server may take to end after SIGTERM. */
const graceMs = 500;

export interface CommandOptions<Result> extends ServerOptions {
  readonly signal: AbortSignal;
  readonly progress: RoundContext['progress'];
  /** The ends of the connections that were made, which are then removed from the server's port. */
  endsOf(result: Result): readonly Endpoint[];
}

type Ask<Result> = (
  at: { readonly host: string; readonly port: number },
  signal: AbortSignal,
) => Promise<Result>;

/** Starts the user's server as `restart` does, measures it, and leaves nothing of it. */
export function withServer<Result>(options: CommandOptions<Result>, ask: Ask<Result>): Promise<Result> {
  const watch = { watch: 'not', reason: 'nothing is bound again' } as const;
  return withContext(watch, options, (context) => measured(context, options, ask));
}

async function measured<Result>(
  context: RoundContext,
  options: CommandOptions<Result>,
  ask: Ask<Result>,
): Promise<Result> {
  const { supervisor, progress, signal } = context;
  let target: Target | undefined;
  let ends: readonly Endpoint[] = [];
  try {
    progress('waiting for the server to listen', atMost(options.timeoutMs));
    const server = await startServer(context, listenersBefore(context), options);
    target = server.target;
    if (target.kind === 'unix')
      throw new TcpcloseError(
        'no-port',
        `the command listens on ${target.path}: have it listen on a TCP port`,
      );
    refuseShared(context, target, await supervisor.pid);
    const [listener] = [...target.listeners].sort(
      (a, b) => Number(isWildcard(b.local.address)) - Number(isWildcard(a.local.address)),
    );
    const host = listener === undefined ? '127.0.0.1' : reachable(listener.local);
    const result = await ask({ host, port: target.port }, signal).catch(async (error) => {
      await supervisor.settled();
      const ending = server.run.ending();
      if (ending === undefined || !(error instanceof TcpcloseError && error.code === 'no-connection'))
        throw error;
      throw await endedEarly(context, server.run, `ended with ${describeEnding(ending)} before it was asked`);
    });
    ends = options.endsOf(result);
    return result;
  } finally {
    await supervisor.sweep(graceMs);
    await clear(context, target, new Set(ends.map(({ port }) => port)));
  }
}
