import { TcpcloseError } from '../errors.ts';
import { monotonicMs } from '../native/clock.ts';
import { sendSignal } from '../native/signal.ts';
import { readProcess } from '../observe/processes.ts';
import { poll } from '../time.ts';
import type { RoundOptions } from './context.ts';
import type { Run } from './run.ts';
import type { Ending, Observation } from './trial.ts';

const pollMs = 1;

/** @throws TcpcloseError `not-stopped` for a process that has ended, or is another user's */
export function stop(pid: number, signal: NodeJS.Signals): void {
  const delivery = sendSignal(pid, signal);
  if (delivery === 'sent') return;
  const why = delivery === 'gone' ? 'it has ended' : 'it runs as another user: run tcpclose as that user';
  throw new TcpcloseError('not-stopped', `process ${pid} cannot be sent ${signal}: ${why}`);
}

/** How the process ended, and how long after the signal; null if it did not end in time. */
export async function untilStopped(
  run: Run,
  pid: number,
  killedAt: number,
  { stopTimeoutMs }: RoundOptions,
  signal: AbortSignal,
): Promise<Observation['stopped']> {
  let ended: (Ending & { readonly at: number }) | undefined;
  if (pid === run.pid) {
    void run.exited.then((ending) => {
      ended = ending;
    });
  }
  const stopped = () => {
    if (ended !== undefined) {
      const { status, signal, at } = ended;
      return { status, signal, afterMs: Math.max(0, at - killedAt) };
    }
    // If another process reaps it, only its end is visible.
    if (pid !== run.pid && readProcess(pid)?.state !== 'alive') {
      return { status: null, signal: null, afterMs: monotonicMs() - killedAt };
    }
    return undefined;
  };
  const patience = { withinMs: stopTimeoutMs, everyMs: pollMs, signal };
  return (await poll(`the end of process ${pid}`, stopped, patience)) ?? null;
}
