import type { Condition } from '../../diagnose/process-facts.ts';
import { statFields } from '../../observe/proc/status.ts';
import { entriesOf, linkOf, textOf } from '../../proc-files.ts';
import { sleep } from '../../time.ts';
import type { AuditedProcess } from '../facts/processes.ts';

/**
 * What a process does about a listener that it holds. `stopped`; `busy`: other work keeps it on a CPU; `waits`: a new connection wakes it;
 * `elsewhere`: it sleeps and waits for something else; `unknown`.
 */
export type Acceptance =
  | { readonly state: 'stopped'; readonly condition: Condition }
  | { readonly state: 'busy' | 'waits' | 'elsewhere' | 'unknown' };

/** The numbers that proc_pid_syscall(5) shows for accept and accept4, on x86-64, and on all architectures with the generic table. */
const accepting: Readonly<Record<string, readonly number[]>> = { x64: [43, 288], arm64: [202, 242] };
/** poll, select, pselect6, ppoll, io_uring_enter: what they wait for cannot be seen. */
const polling: Readonly<Record<string, readonly number[]>> = {
  x64: [7, 23, 270, 271, 426],
  arm64: [72, 73, 426],
};

const samples = 10;
const sampledEveryMs = 20;
/** On a loaded machine a busy process may wait for a CPU: it is still ready to run. */
const busyFrom = 0.8;

/** Looks at a process for a fifth of a second, if it is on this machine and its descriptor is known. */
export async function acceptanceOf(
  { pid, condition }: AuditedProcess,
  fd: number | undefined,
  signal: AbortSignal,
): Promise<Acceptance> {
  if (condition !== 'runs') return { state: 'stopped', condition };
  if (fd === undefined) return { state: 'unknown' };
  let running = 0;
  for (let i = 0; i < samples; i++) {
    if (isRunning(pid)) running++;
    await sleep(sampledEveryMs, signal);
  }
  if (running >= samples * busyFrom) return { state: 'busy' };
  const calls = entriesOf(`/proc/${pid}/task`).flatMap((thread) => callOf(pid, thread) ?? []);
  if (calls.length === 0) return { state: 'unknown' };
  const [accepts, polls] = [accepting[process.arch], polling[process.arch]];
  const isAccepting = calls.some(({ number, first }) => first === fd && accepts?.includes(number));
  if (isAccepting || isWatched(pid, fd)) return { state: 'waits' };
  const mayAccept = accepts === undefined || calls.some(({ number }) => polls?.includes(number));
  return { state: mayAccept ? 'unknown' : 'elsewhere' };
}

/** Whether one of its threads is on a CPU, or ready for one. */
function isRunning(pid: number): boolean {
  const threads = entriesOf(`/proc/${pid}/task`);
  return threads.some((thread) => statFields(textOf(`/proc/${pid}/task/${thread}/stat`))[0] === 'R');
}

/** The system call in which a thread sleeps; undefined while it runs, or if it may not be read. */
function callOf(pid: number, thread: string): { number: number; first: number } | undefined {
  const match = /^(\d+) 0x([0-9a-f]+)/.exec(textOf(`/proc/${pid}/task/${thread}/syscall`));
  return match === null
    ? undefined
    : { number: Number(match[1]), first: Number.parseInt(match[2] ?? '', 16) };
}

/** Whether an epoll of the process has the descriptor. */
function isWatched(pid: number, fd: number): boolean {
  return entriesOf(`/proc/${pid}/fd`)
    .filter((other) => linkOf(`/proc/${pid}/fd/${other}`) === 'anon_inode:[eventpoll]')
    .some((epoll) => new RegExp(`^tfd:\\s*${fd} `, 'm').test(textOf(`/proc/${pid}/fdinfo/${epoll}`)));
}
