import { sendSignal } from '../native/signal.ts';
import { sessionOf } from '../observe/proc/status.ts';
import { steadyDescendantsOf } from '../observe/processes.ts';
import { poll } from '../time.ts';

const patienceMs = 5000;
const pollMs = 5;

/** Repeated, because a killed process may just have started another. Processes of another user, started by sudo, stay. */
export function killAllBelow(root: number): Promise<void> {
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'));
}

/** The same, only for the members of these sessions: the process that started a session knows that they belong to it. */
export function killSessionsBelow(root: number, sessions: ReadonlySet<number>): Promise<void> {
  const isMember = (pid: number) => sessions.has(sessionOf(pid));
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'), isMember);
}

/** Handles all matching descendants of a process until none is left, or time is up. */
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
