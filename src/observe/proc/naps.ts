import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { monotonicMs } from '../../native/clock.ts';
import { entriesOf, textOf } from '../../proc-files.ts';

/** A thread that waits until a certain time, and then goes on by itself. */
export interface Nap {
  /** Its folder in /proc. */
  readonly thread: string;
  /** What /proc/<pid>/syscall shows as long as it lasts. */
  readonly call: string;
  /** When it ends at the latest, in milliseconds of CLOCK_MONOTONIC. */
  readonly overAt: number;
}

/** Shorter naps do not count: such a timer has already fired several times. */
const shortestMs = 1000;

/** The naps of processes that end within a time, as far as the processes may be inspected. */
export function napsOf(pids: Iterable<number>, withinMs: number): Nap[] {
  const now = monotonicMs();
  return [...pids].flatMap((pid) =>
    entriesOf(`/proc/${pid}/task`).flatMap((id) => {
      const thread = `/proc/${pid}/task/${id}`;
      const call = textOf(`${thread}/syscall`);
      const leftMs = leftOf(call, pid, now);
      return leftMs !== null && leftMs > 0 && leftMs <= withinMs
        ? [{ thread, call, overAt: now + leftMs }]
        : [];
    }),
  );
}

/** Whether it has not woken up. */
export function lasts({ thread, call, overAt }: Nap): boolean {
  return monotonicMs() < overAt && textOf(`${thread}/syscall`) === call;
}

/** Where a call has its time: as a number of milliseconds, or in memory; `clock` if its first two arguments say how to read it. */
type Form = { readonly argument: number; readonly as: 'milliseconds' | 'timespec' | 'timeval' | 'clock' };

const milliseconds = (argument: number): Form => ({ argument, as: 'milliseconds' });
const timespec = (argument: number): Form => ({ argument, as: 'timespec' });
const clock: Form = { argument: 2, as: 'clock' };

// By number, from the kernel's system call tables. A futex with a deadline is usually that of an idle thread.
const calls: Readonly<Record<string, Readonly<Record<number, Form>>>> = {
  x64: {
    7: milliseconds(2), // poll
    23: { argument: 4, as: 'timeval' }, // select
    35: timespec(0), // nanosleep
    230: clock, // clock_nanosleep
    232: milliseconds(3), // epoll_wait
    270: timespec(4), // pselect6
    271: timespec(2), // ppoll
    281: milliseconds(3), // epoll_pwait
    441: timespec(3), // epoll_pwait2
  },
  arm64: {
    22: milliseconds(3),
    72: timespec(4),
    73: timespec(2),
    101: timespec(0),
    115: clock,
    441: timespec(3),
  },
};

const TIMER_ABSTIME = 1n;
const CLOCK_REALTIME = 0n;

// It is unknown when a relative time began: all of it may be left.
function leftOf(call: string, pid: number, now: number): number | null {
  const [number = '', ...words] = call.trim().split(' ');
  const form = calls[process.arch]?.[Number(number)];
  if (form === undefined) return null;
  const values = words.map((word) => BigInt(word));
  const value = values[form.argument] ?? 0n;
  const ms =
    form.as === 'milliseconds'
      ? Number(BigInt.asIntN(32, value))
      : timeAt(pid, value, form.as === 'timeval' ? 1e3 : 1e6);
  const isRelative = form.as !== 'clock' || ((values[1] ?? 0n) & TIMER_ABSTIME) === 0n;
  if (ms === null || isRelative) return ms !== null && ms >= shortestMs ? ms : null;
  return ms - ((values[0] ?? 0n) === CLOCK_REALTIME ? Date.now() : now);
}

/** A number of seconds and its fraction in the memory of a process, in milliseconds. */
function timeAt(pid: number, address: bigint, perMs: number): number | null {
  if (address === 0n || endianness() !== 'LE') return null;
  try {
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(16);
      if (readSync(memory, bytes, 0, 16, address) < 16) return null;
      return Number(bytes.readBigInt64LE(0)) * 1000 + Number(bytes.readBigInt64LE(8)) / perMs;
    } finally {
      closeSync(memory);
    }
  } catch {
    return null;
  }
}
