import { readFileSync } from 'node:fs';
import { numberOfCall, type WatchableCall } from '../../native/seccomp.ts';
import { textOf } from '../../proc-files.ts';
import type { Caller } from './caller.ts';

/**
 * Whether a thread has left a call that was continued, according to proc_pid_syscall(5), which shows the call in which a thread sleeps. For
 * a thread that runs, or is about to, it shows nothing: `not sure`.
 */
export function leftCall(thread: number, call: WatchableCall): 'left' | 'not yet' | 'not sure' {
  try {
    const [number = ''] = readFileSync(`/proc/${thread}/syscall`, 'utf8').split(/\s/);
    if (number === 'running') return 'not sure';
    return Number(number) === numberOfCall(call) ? 'not yet' : 'left';
  } catch {
    return 'left';
  }
}

/** How often a thread has got a CPU (/proc/<tid>/schedstat); undefined if the kernel does not count it, or the thread has ended. */
export function timesRun(thread: number): number | undefined {
  const [, , count] = textOf(`/proc/${thread}/schedstat`).split(' ');
  return count === undefined ? undefined : Number(count);
}

/** Whether a thread that was continued has got a CPU since: until then it has certainly not executed its call. */
export function mayHaveRun({ thread, timesRun: before }: Caller): boolean {
  return before === undefined || timesRun(thread) !== before;
}
