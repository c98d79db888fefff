import { readFileSync } from 'node:fs';
import { numberOfCall, type WatchableCall } from '../../native/seccomp.ts';

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
