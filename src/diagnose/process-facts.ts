import { type Harmless, harmless } from '../foreign.ts';
import { dispositionIn, isEnding, statFields } from '../observe/proc/status.ts';
import { wordsOf } from '../observe/processes.ts';
import { type Origin, originsOf } from './origin.ts';
import { nothing, type ProcessFiles, type ProcessTable, parentOf, uidOf } from './process-files.ts';

/** USER_HZ, in which /proc/<pid>/stat counts the time since the boot: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

export interface ProcessName {
  readonly pid: number;
  /** Its command line; if it has none, the kernel's name for it in brackets. */
  readonly command: Harmless;
}

export interface Ancestor extends ProcessName {
  /**
   * Whether the process is a `fork` of this one and still runs the same program, or execve(2) was called between them (`exec`); null if
   * that cannot be read.
   */
  readonly relation: 'fork' | 'exec' | null;
}

/** The facts about a process that holds the port. */
export interface ProcessFacts extends ProcessName {
  /** The name of its effective user, or the number without a name; null if it cannot be read. */
  readonly user: Harmless | null;
  /** The number of that user; null if it cannot be read. */
  readonly uid: number | null;
  readonly condition: Condition;
  /** The effect of SIGTERM: `ends` it by default, `ignored`, or a handler `decides`; null if it cannot be read. */
  readonly onTerminate: 'ends' | 'ignored' | 'decides' | null;
  /** When it was started, as ISO 8601. */
  readonly since: string | null;
  /** The same in clock ticks since the boot: with the pid it identifies the process. null if it cannot be read. */
  readonly startTicks: number | null;
  /** From its parent up to the first process. */
  readonly parents: readonly Ancestor[];
  /** What started it, innermost first: npm script, container, systemd unit, shell. */
  readonly origins: readonly Origin[];
}

/** `stopped`: a signal or a debugger has stopped it until it is continued; `ending` and `dumping core`: it still has its sockets. */
export type Condition = 'runs' | 'stopped' | 'in a debugger' | 'ending' | 'dumping core';

export function factsOf(pid: number, name: Harmless, table: ProcessTable): ProcessFacts {
  const files = table.byPid.get(pid) ?? nothing;
  const ancestors = ancestorsOf(pid, table);
  const parents = ancestors.map((parent) => ({
    ...nameOf(parent, table),
    relation: relationOf(files, table.byPid.get(parent) ?? nothing),
  }));
  const own = nameOf(pid, table);
  const uid = uidOf(files.status);
  const terminals = ancestors.filter((ancestor) => hasTerminal(table.byPid.get(ancestor)));
  return {
    ...own,
    command: own.command === '' ? name : own.command,
    user: uid === null ? null : userName(uid, table.passwd),
    uid,
    condition: conditionOf(files),
    onTerminate: onTerminateOf(files),
    since: startOf(files, table.stat),
    startTicks: ticksOf(files),
    parents,
    origins: originsOf(files, parents, new Set(terminals), (pid) =>
      uidOf(table.byPid.get(pid)?.status ?? ''),
    ),
  };
}

/** All processes of these groups, each once, by pid. */
export function processesOf<Process extends { readonly pid: number }>(
  groups: readonly { readonly processes: readonly Process[] }[],
): Map<number, Process> {
  return new Map(groups.flatMap(({ processes }) => processes.map((process) => [process.pid, process])));
}

function ancestorsOf(pid: number, { byPid }: ProcessTable): number[] {
  const found: number[] = [];
  for (let files = byPid.get(pid); files !== undefined; ) {
    const parent = parentOf(files);
    if (parent === null || found.includes(parent)) break;
    found.push(parent);
    files = byPid.get(parent);
  }
  return found;
}

// Where a program's arguments begin in its memory, as a field number of proc_pid_stat(5), counted from the state: execve(2) chooses it
// again, and fork(2) copies it.
const argumentsAt = 45;

function relationOf(child: ProcessFiles, parent: ProcessFiles): Ancestor['relation'] {
  const [own, other] = [child, parent].map(({ stat }) => Number(statFields(stat)[argumentsAt]));
  // Readers without permission see 0.
  if (!own || !other) return null;
  return own === other ? 'fork' : 'exec';
}

function nameOf(pid: number, { byPid }: ProcessTable): ProcessName {
  const { cmdline = '', stat = '' } = byPid.get(pid) ?? {};
  const command = wordsOf(cmdline)
    .map((word) => (word === '' ? "''" : word))
    .join(' ')
    .trim();
  if (command !== '') return { pid, command: harmless(command) };
  const kernels = /\((.*)\)/s.exec(stat)?.[1];
  return { pid, command: harmless(kernels === undefined ? '' : `[${kernels}]`) };
}

function conditionOf({ stat, status }: ProcessFiles): Condition {
  if (/^CoreDumping:\s*1$/m.test(status)) return 'dumping core';
  if (isEnding(stat)) return 'ending';
  const [state] = statFields(stat);
  return state === 'T' ? 'stopped' : state === 't' ? 'in a debugger' : 'runs';
}

function onTerminateOf({ status }: ProcessFiles): ProcessFacts['onTerminate'] {
  const disposition = dispositionIn(status);
  if (disposition === undefined) return null;
  const { ignored, caught, awaited, role } = disposition;
  if (ignored.includes('SIGTERM')) return 'ignored';
  // A blocked signal is received by sigwait(3) or a signalfd, as in mysqld and systemd.
  if (caught.includes('SIGTERM') || awaited.includes('SIGTERM')) return 'decides';
  return role === 'init of a namespace' ? 'ignored' : 'ends';
}

/** The name of a user in /etc/passwd, or the number. */
export function userName(uid: number, passwd: string): Harmless {
  const line = passwd.split('\n').find((line) => line.split(':')[2] === String(uid));
  return harmless(line?.split(':')[0] ?? String(uid));
}

function ticksOf({ stat }: ProcessFiles): number | null {
  const ticks = Number(statFields(stat)[19] ?? Number.NaN);
  return Number.isSafeInteger(ticks) ? ticks : null;
}

function startOf(files: ProcessFiles, procStat: string): string | null {
  const boot = Number(/^btime (\d+)$/m.exec(procStat)?.[1]);
  const at = new Date((boot + (ticksOf(files) ?? Number.NaN) / ticksPerSecond) * 1000);
  return Number.isNaN(at.getTime()) ? null : `${at.toISOString().slice(0, 19)}Z`;
}

function hasTerminal(files: ProcessFiles | undefined): boolean {
  const terminal = Number(statFields(files?.stat ?? '')[4]);
  return Number.isInteger(terminal) && terminal !== 0;
}
