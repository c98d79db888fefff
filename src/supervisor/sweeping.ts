import { reapChild } from '../native/process.ts';
import { sendSignal } from '../native/signal.ts';
import { sessionOf } from '../observe/proc/status.ts';
import { childrenOf, readProcess, steadyDescendantsOf } from '../observe/processes.ts';
import { poll } from '../time.ts';

const patienceMs = 5000;
const pollMs = 5;
const reapingMs = 1000;

/** Kills repeatedly, because a killed process may just have started another. Processes of another user, started by sudo, remain. */
export function killAllBelow(root: number): Promise<void> {
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'));
}

/** The same, only for the members of these sessions: the process that started a session knows that they belong to it. */
export function killSessionsBelow(root: number, sessions: ReadonlySet<number>): Promise<void> {
  const isMember = (pid: number) => sessions.has(sessionOf(pid));
  return untilNoneIsLeft(root, patienceMs, (pid) => sendSignal(pid, 'SIGKILL'), isMember);
}

/** Reaps the members of these sessions that were left to a process as its children: they have ended, or have been killed. */
export async function reapSessionsBelow(root: number, sessions: ReadonlySet<number>): Promise<void> {
  const reapAll = () => {
    const left = childrenOf(root).filter(({ pid }) => sessions.has(sessionOf(pid)));
    for (const { pid, state } of left) if (state === 'zombie') reapChild(pid);
    return left.length === 0;
  };
  await poll('the end of killed processes', reapAll, { withinMs: reapingMs, everyMs: pollMs });
}

/** Kills a process and everything below it, and reaps those that became children of this process. Other children of it remain. */
export async function killTree(pid: number): Promise<void> {
  const members = new Set([pid]);
  const killAll = () => {
    // Orphans of a killed process become children of this one. They are already members.
    for (const member of [...members])
      for (const below of steadyDescendantsOf(member)) members.add(below.pid);
    let left = 0;
    for (const member of members)
      if (readProcess(member)?.state === 'alive' && sendSignal(member, 'SIGKILL')) left++;
    return left === 0;
  };
  await poll(`the end of process ${pid}`, killAll, { withinMs: patienceMs, everyMs: pollMs });
  for (const child of childrenOf(process.pid))
    if (child.state === 'zombie' && members.has(child.pid)) reapChild(child.pid);
}

/** Handles all matching descendants of a process until no more are found, or the time is up. */
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
