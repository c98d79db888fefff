import { availableParallelism } from 'node:os';
import { textOf } from '../proc-files.ts';
import { poll } from '../time.ts';

const busyPerCore = 4;
const lookEveryMs = 500;

/** The number of threads that want a core, if it is so high that short states may end unseen; null if it is not, or if it is unknown. */
export function whyBusy(): string | null {
  const threads = runnableThreads();
  return threads > busyPerCore * availableParallelism() ? `${threads} threads want a core` : null;
}

/**
 * Waits until the machine is no longer busy, or the time is over. Several waiting programs do not begin together, because each looks at
 * random moments. An interruption ends the wait.
 */
export async function untilCalm(withinMs: number, signal: AbortSignal): Promise<void> {
  const everyMs = lookEveryMs * (1 + Math.random());
  await poll('a calmer machine', () => whyBusy() === null, { withinMs, everyMs, signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
}

/** Threads that run or could run, of the whole machine: the fourth field of /proc/loadavg (proc_loadavg(5)); 0 if it cannot be read. */
function runnableThreads(): number {
  return Number(/^(?:\S+ ){3}(\d+)\//.exec(textOf('/proc/loadavg'))?.[1] ?? 0);
}
