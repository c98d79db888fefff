import { statFields } from '../observe/proc/status.ts';
import { textOf } from '../proc-files.ts';

/** Whether this process's group has the terminal, which then sends Ctrl-C and similar signals to the whole group (proc_pid_stat(5)). */
export function hasTerminal(): boolean {
  const [, , group, , terminal, foreground] = statFields(textOf('/proc/self/stat'));
  return terminal !== '0' && group === foreground;
}
