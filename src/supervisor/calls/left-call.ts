import { readFileSync } from 'node:fs';
import { numberOfCall, type WatchableCall } from '../../native/seccomp.ts';

/**
 * Whether a thread has come out of a call that was let go, by proc_pid_syscall(5), which tells the call that a thread sleeps in. Of
 * one that runs, or is about to, nothing is told: `not sure`.
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
