import { entriesOf, textOf } from '../../proc-files.ts';

/**
 * What processes are about to do, judged by the calls in which their threads wait: `calm` if each waits for others, without a deadline, and
 * will do nothing by itself; `restless` if one runs, or wakes up by itself, or may not be inspected.
 */
type Pace = 'calm' | 'restless';

export function paceOf(pids: Iterable<number>): Pace {
  for (const pid of pids) if (!threadsOf(pid).every(waitsForOthers)) return 'restless';
  return 'calm';
}

/** How long the first threads of processes have run, or waited for a core, in milliseconds (/proc/<pid>/schedstat). */
export function wantedCpuMs(pids: Iterable<number>): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    const [ran = 0, waited = 0] = textOf(`/proc/${pid}/schedstat`).split(' ').map(Number);
    nanoseconds += ran + waited;
  }
  return nanoseconds / 1e6;
}

/** Which argument of a system call is its deadline, and which value means none; null for calls without one. */
type Deadline = { readonly argument: number; readonly none: 'NULL' | '-1' } | null;

const pointer = (argument: number): Deadline => ({ argument, none: 'NULL' });
const number = (argument: number): Deadline => ({ argument, none: '-1' });

// By number, from the kernel's system call tables.
const waits: Readonly<Record<string, Readonly<Record<number, Deadline>>>> = {
  x64: {
    0: null, // read
    7: number(2), // poll
    23: pointer(4), // select
    34: null, // pause
    43: null, // accept
    45: null, // recvfrom
    47: null, // recvmsg
    61: null, // wait4
    130: null, // rt_sigsuspend
    202: pointer(3), // futex
    232: number(3), // epoll_wait
    247: null, // waitid
    270: pointer(4), // pselect6
    271: pointer(2), // ppoll
    281: number(3), // epoll_pwait
    288: null, // accept4
    441: pointer(3), // epoll_pwait2
  },
  arm64: {
    22: number(3),
    63: null,
    72: pointer(4),
    73: pointer(2),
    95: null,
    98: pointer(3),
    133: null,
    202: null,
    207: null,
    212: null,
    242: null,
    260: null,
    441: pointer(3),
  },
};

// /proc/<pid>/syscall: the number and six arguments in hexadecimal, or `running`.
function waitsForOthers(thread: string): boolean {
  const [call = '', ...args] = textOf(`${thread}/syscall`).trim().split(' ');
  const deadline = waits[process.arch]?.[Number(call)];
  if (call === '' || deadline === undefined) return false;
  if (deadline === null) return true;
  const value = BigInt(args[deadline.argument] ?? '0x1');
  return deadline.none === 'NULL' ? value === 0n : (value & 0xffff_ffffn) === 0xffff_ffffn;
}

function threadsOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  return entriesOf(folder).map((thread) => `${folder}/${thread}`);
}
