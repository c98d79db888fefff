import { existsSync, readdirSync } from 'node:fs';
import { type Harmless, harmless } from '../foreign.ts';
import { groupBy } from '../group.ts';
import { entriesOf, textOf } from '../proc-files.ts';

/** A process of this machine, as reported by /proc/<pid>/stat (proc_pid_stat(5)). */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's name for it, at most 15 characters. */
  readonly name: Harmless;
  /** A zombie has ended and holds nothing any more. A process of which only the first thread has ended is not one. */
  readonly state: 'alive' | 'zombie';
}

/** The entries of /proc that are processes. */
export function pidsAmong(entries: readonly string[]): number[] {
  return entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/** All visible processes, by pid. */
export function readProcesses(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const pid of pidsAmong(readdirSync('/proc'))) {
    const process = readProcess(pid);
    if (process !== undefined) found.set(process.pid, process);
  }
  return found;
}

/** undefined if it has ended and been reaped. */
export function readProcess(pid: number): Process | undefined {
  // The name is in parentheses and may contain any character, even parentheses.
  const match = /^\d+ \((.*)\) (\S .*)$/s.exec(textOf(`/proc/${pid}/stat`));
  if (match === null) return undefined;
  const [, name = '', rest = ''] = match;
  const fields = rest.split(' ');
  const [state = '', parent = ''] = fields;
  const hasEnded = (state === 'Z' || state === 'X') && !(Number(fields[threadsAt]) > 1);
  return { pid, name: harmless(name), parent: Number(parent), state: hasEnded ? 'zombie' : 'alive' };
}

/**
 * The position of num_threads in proc_pid_stat(5), counted from the state. A process that has ended keeps one thread until its parent has
 * reaped it.
 */
export const threadsAt = 17;

/**
 * The folder in which proc(5) shows what the threads of a process share. proc(5) shows it for the first thread, which may end alone by
 * exit(2); then it is read from another thread.
 */
export function folderOf(pid: number): string {
  const own = `/proc/${pid}`;
  if (!/^\d+ \(.*\) [ZX] /s.test(textOf(`${own}/stat`))) return own;
  const other = entriesOf(`${own}/task`).find((thread) => thread !== `${pid}`);
  return other === undefined ? own : `${own}/task/${other}`;
}

/** The living descendants of a process, without the process itself, parents before children. */
export function descendantsOf(root: number): Process[] {
  const childrenOf = canAskForChildren() ? listedChildrenOf : childrenAmong(readProcesses().values());
  const found: Process[] = [];
  const pending = [root];
  for (let pid = pending.shift(); pid !== undefined; pid = pending.shift()) {
    for (const child of childrenOf(pid)) {
      if (child.state === 'alive') found.push(child);
      pending.push(child.pid);
    }
  }
  return found;
}

/** The children of a process, including zombies. */
export function childrenOf(pid: number): readonly Process[] {
  return canAskForChildren() ? listedChildrenOf(pid) : childrenAmong(readProcesses().values())(pid);
}

/** Whether the kernel was built with CONFIG_PROC_CHILDREN. */
function canAskForChildren(): boolean {
  return existsSync('/proc/thread-self/children');
}

/** According to /proc/<pid>/task/<tid>/children of each thread, which takes a fraction of the time for reading all processes. */
function listedChildrenOf(pid: number): Process[] {
  const folder = `/proc/${pid}/task`;
  return entriesOf(folder).flatMap((thread) => {
    const pids = textOf(`${folder}/${thread}/children`).split(' ').filter(Boolean);
    return pids.flatMap((child) => readProcess(Number(child)) ?? []);
  });
}

function childrenAmong(processes: Iterable<Process>): (pid: number) => readonly Process[] {
  const byParent = groupBy([...processes], ({ parent }) => parent);
  return (pid) => byParent.get(pid) ?? [];
}

const steadyLooks = 20;

/**
 * The same, once two looks agree: the first look may miss a process that was forked, or lost its parent, at that moment. If processes never
 * stop coming and going, the last look counts.
 */
export function steadyDescendantsOf(root: number): Process[] {
  let last = descendantsOf(root);
  for (let look = 1; look < steadyLooks; look++) {
    const now = descendantsOf(root);
    if (pidsOf(now) === pidsOf(last)) return now;
    last = now;
  }
  return last;
}

function pidsOf(processes: readonly Process[]): string {
  return processes.map(({ pid }) => pid).join();
}

/** The command line, its words separated by blanks; it may be empty for a kernel thread or another user's process. */
export function commandLineOf(pid: number): Harmless {
  return harmless(wordsOf(textOf(`${folderOf(pid)}/cmdline`)).join(' '));
}

/** The words of /proc/<pid>/cmdline or environ. Each ends with a NUL; a program that renames itself leaves many, or none. */
export function wordsOf(text: string): string[] {
  let end = text.length;
  while (text[end - 1] === '\0') end--;
  return end === 0 ? [] : text.slice(0, end).split('\0');
}
