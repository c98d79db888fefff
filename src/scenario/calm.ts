import { availableParallelism } from 'node:os';
import { textOf } from '../proc-files.ts';
import { poll } from '../time.ts';

const busyPerCore = 4;
const lookEveryMs = 500;

/** Whether so many threads want a core that what ends by itself may end unseen: how many do; null if not, or if it cannot be known. */
export function whyBusy(): string | null {
  const threads = runnableThreads();
  return threads > busyPerCore * availableParallelism() ? `${threads} threads want a core` : null;
}

/**
 * Waits until the machine is no longer busy, or the time is over. Several programs that wait so do not begin together: each looks at
 * moments of its own. An interruption ends the wait.
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
