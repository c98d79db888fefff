import { textOf } from '../proc-files.ts';

/** Whether this process's group has the terminal, which then sends Ctrl-C and its like to the whole group (proc_pid_stat(5)). */
export function hasTerminal(): boolean {
  const fields = textOf('/proc/self/stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [, , group, , terminal, foreground] = fields;
  return terminal !== '0' && group === foreground;
}
