import { monotonicMs } from '../native/clock.ts';
import { sendSignal } from '../native/signal.ts';
import { steadyDescendantsOf } from '../observe/processes.ts';

const patienceMs = 5000;
const pollMs = 5;

/** Again and again: what is killed may just have started another. What runs as another user, by sudo, stays. */
export function killAllBelow(root: number): Promise<void> {
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'));
}

/** Treats all that is below a process, until nothing is, or time is up. */
export async function untilNoneIsLeft(
  root: number,
  ms: number,
  treat: (pid: number) => unknown,
): Promise<void> {
  for (const until = monotonicMs() + ms; monotonicMs() < until; ) {
    const left = steadyDescendantsOf(root);
    if (left.length === 0) return;
    for (const { pid } of left) treat(pid);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
