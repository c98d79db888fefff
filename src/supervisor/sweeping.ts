import { sendSignal } from '../native/signal.ts';
import { sessionOf } from '../observe/proc/status.ts';
import { steadyDescendantsOf } from '../observe/processes.ts';
import { poll } from '../time.ts';

const patienceMs = 5000;
const pollMs = 5;

/** Again and again: what is killed may just have started another. What runs as another user, by sudo, stays. */
export function killAllBelow(root: number): Promise<void> {
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'));
}

/** The same of those alone that are in one of these sessions: whoever has started a session knows that its members are its own. */
export function killSessionsBelow(root: number, sessions: ReadonlySet<number>): Promise<void> {
  const isMember = (pid: number) => sessions.has(sessionOf(pid));
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'), isMember);
}

/** Treats all that is below a process and meant, until nothing is, or time is up. */
export async function untilNoneIsLeft(
  root: number,
  ms: number,
  treat: (pid: number) => unknown,
  isMeant: (pid: number) => boolean = () => true,
): Promise<void> {
  const treatAll = () => {
    const left = steadyDescendantsOf(root).filter(({ pid }) => isMeant(pid));
    for (const { pid } of left) treat(pid);
    return left.length === 0;
  };
  await poll(`the end of what is below process ${root}`, treatAll, { withinMs: ms, everyMs: pollMs });
}
