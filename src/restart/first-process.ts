/** The first process of a container: the signal reaches no other process in the container. */
import { type SignalDisposition, signalDisposition } from '../observe/proc/status.ts';
import { commandLineOf, type Process } from '../observe/processes.ts';
import { textOf } from '../proc-files.ts';
import type { Survivor } from './trial.ts';

export interface FirstProcess extends Pick<Survivor, 'pid' | 'name' | 'command'> {
  readonly disposition: SignalDisposition;
  readonly is: 'a shell' | 'another program';
  /** The child that it waits for; null if it has no child. */
  readonly child: Pick<Survivor, 'pid' | 'name' | 'command'> | null;
}

/** The first process of a container, if it is among these; undefined if none is. */
export function firstProcessAmong(processes: readonly Process[]): FirstProcess | undefined {
  for (const { pid, name } of processes) {
    const disposition = signalDisposition(pid);
    if (disposition?.role !== 'init of a namespace') continue;
    const command = commandLineOf(pid);
    const child = processes.find(({ parent }) => parent === pid);
    return {
      ...{ pid, name, command, disposition },
      is: isShell(pid) ? 'a shell' : 'another program',
      child:
        child === undefined ? null : { pid: child.pid, name: child.name, command: commandLineOf(child.pid) },
    };
  }
  return undefined;
}

// Checks the command line, because a shell in a BusyBox image runs the program file of BusyBox.
function isShell(pid: number): boolean {
  const [program = ''] = textOf(`/proc/${pid}/cmdline`).split('\0');
  return /^-?(?:\S*\/)?(?:ba|da|a|k|z)?sh$/.test(program);
}
