import { constants } from 'node:os';
import { linkOf, textOf } from '../../proc-files.ts';
import { threadsAt } from '../processes.ts';

/** What a process does with signals, according to /proc/<pid>/status (proc_pid_status(5)). */
export interface SignalDisposition {
  readonly ignored: readonly NodeJS.Signals[];
  readonly caught: readonly NodeJS.Signals[];
  /** Blocked: a program may receive them with sigwait(3) or signalfd(2). */
  readonly awaited: readonly NodeJS.Signals[];
  /** Sent but not handled yet: the process has blocked them, or is stopped. */
  readonly pending: readonly NodeJS.Signals[];
  /** The first process of a pid namespace below ours: a signal that it does not catch has no effect on it, except for KILL and STOP. */
  readonly role: 'init of a namespace' | 'other';
}

/** undefined if the process is gone or may not be inspected. */
export function signalDisposition(pid: number): SignalDisposition | undefined {
  return dispositionIn(textOf(`/proc/${pid}/status`));
}

/** The same from the text of that file. */
export function dispositionIn(status: string): SignalDisposition | undefined {
  const mask = (field: string) => new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
  const [ignored, caught, blocked, pending] = ['SigIgn', 'SigCgt', 'SigBlk', 'ShdPnd'].map(mask);
  if (ignored === undefined || caught === undefined) return undefined;
  return {
    ignored: signalsOf(ignored),
    caught: signalsOf(caught),
    awaited: signalsOf(blocked ?? '0'),
    pending: signalsOf(pending ?? '0'),
    role: /^NSpid:.*\s1$/m.test(status) ? 'init of a namespace' : 'other',
  };
}

// Bit n - 1 stands for signal n.
function signalsOf(mask: string): NodeJS.Signals[] {
  const bits = BigInt(`0x${mask}`);
  return Object.entries(constants.signals)
    .filter(([, number]) => ((bits >> BigInt(number - 1)) & 1n) === 1n)
    .map(([name]) => name as NodeJS.Signals);
}

/** When it was started, in clock ticks since the boot; undefined if it is gone. Together with the pid it identifies a process. */
export function startTicksOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat === '' ? undefined : Number(statFields(stat)[19]);
}

/**
 * The fields after the name in /proc/<pid>/stat (proc_pid_stat(5)): state, parent, group, session, terminal ... The name may contain any
 * character.
 */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

// PF_EXITING of the kernel's include/linux/sched.h, in the flags of proc_pid_stat(5).
const exiting = 0x4;

/** Whether a process has ended, or is in its exit, in which the kernel closes its descriptors. */
export function isEnding(stat: string): boolean {
  const fields = statFields(stat);
  // If only the first thread has ended, the others still run.
  if (fields[0] === 'Z' && Number(fields[threadsAt]) > 1) return false;
  return (Number(fields[6]) & exiting) !== 0 || fields[0] === 'Z' || fields[0] === 'X';
}

/** The number of its session; 0 if the process is gone. */
export function sessionOf(pid: number): number {
  return Number(statFields(textOf(`/proc/${pid}/stat`))[3] ?? 0);
}

/** The file that it runs; undefined if that cannot be read. */
export function executableOf(pid: number): string | undefined {
  return linkOf(`/proc/${pid}/exe`);
}
