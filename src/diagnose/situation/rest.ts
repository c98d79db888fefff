/** Whether a process that has a listener waits for its connections: in which calls its threads sleep, and what wakes them. */
import type { Row } from '../../observe/row.ts';
import { entriesOf, linkOf, sizeOf, textOf } from '../../proc-files.ts';

/** A socket, and the processes that hold it. */
interface Held extends Pick<Row, 'inode'> {
  readonly processes: readonly { readonly pid: number }[];
}

/**
 * System calls that wait for neither a connection nor many things at once: read, nanosleep, clock_nanosleep, wait4, waitid, pause,
 * rt_sigsuspend, futex. proc_pid_syscall(5) shows their numbers. In a program of another architecture, poll(), select() and accept() have
 * none of these numbers.
 */
const asleep: Readonly<Record<string, readonly number[]>> = {
  x64: [0, 35, 230, 61, 247, 34, 130, 202],
  arm64: [63, 101, 115, 260, 95, 133, 98],
};
/** epoll_wait, epoll_pwait, epoll_pwait2: what they wait for is visible. */
const awaiting: Readonly<Record<string, readonly number[]>> = { x64: [232, 281, 441], arm64: [22, 441] };
/** read(2) waits for a client if its descriptor is a socket. */
const reading: Readonly<Record<string, number>> = { x64: 0, arm64: 63 };

/** O_ASYNC: the kernel sends a signal for a new connection. */
const signalled = 0o20000;
/** The time between two looks at sleeping threads: a program that polls in a loop wakes up in between. */
export const restLookMs = 500;

/** What each thread of the listener's processes waits for, and how often it was woken; null if any thread may wait for a connection. */
export function restOf({ processes, inode }: Held): string | null {
  if (inode === null || inode === 0) return null;
  const rests = processes.map(({ pid }) => restOfProcess(pid, inode));
  return rests.includes(null) ? null : rests.join('\n');
}

function restOfProcess(pid: number, inode: number): string | null {
  const rests: string[] = [];
  for (const thread of entriesOf(`/proc/${pid}/task`)) {
    const rest = restOfThread(pid, thread);
    if (rest === null) return null;
    rests.push(rest);
  }
  // A process may have very many descriptors: read them last.
  return rests.length === 0 || mayBeWoken(pid, inode) ? null : rests.join('\n');
}

function restOfThread(pid: number, thread: string): string | null {
  const folder = `/proc/${pid}/task/${thread}`;
  const call = /^(\d+) 0x([0-9a-f]+)/.exec(textOf(`${folder}/syscall`));
  const woken = textOf(`${folder}/status`).match(/^(non)?voluntary_ctxt_switches:.*$/gm);
  if (call === null || woken === null) return null;
  const { arch } = process;
  const number = Number(call[1]);
  if (![...(asleep[arch] ?? []), ...(awaiting[arch] ?? [])].includes(number)) return null;
  if (number === reading[arch]) {
    const target = linkOf(`/proc/${pid}/fd/${Number.parseInt(call[2] ?? '', 16)}`);
    if (target === undefined || !/^(pipe:|\/)/.test(target)) return null;
  }
  return `${thread} ${call[0]} ${woken.join(' ')}`;
}

/** Reading one takes 10 microseconds; a process with more is a busy server. */
const mostDescriptors = 4096;

/** Whether an epoll has the listener, an io_uring may have it, or a signal announces a connection. True if that cannot be read. */
function mayBeWoken(pid: number, inode: number): boolean {
  if (sizeOf(`/proc/${pid}/fd`) > mostDescriptors) return true;
  const watched = new RegExp(`^tfd:.* ino:${inode.toString(16)} `, 'm');
  let isSeen = false;
  for (const fd of entriesOf(`/proc/${pid}/fd`)) {
    const target = linkOf(`/proc/${pid}/fd/${fd}`);
    if (target === undefined || target === 'anon_inode:[io_uring]') return true;
    const info = () => textOf(`/proc/${pid}/fdinfo/${fd}`);
    if (target === 'anon_inode:[eventpoll]' && watched.test(info())) return true;
    if (target !== `socket:[${inode}]`) continue;
    const flags = /^flags:\s*([0-7]+)$/m.exec(info())?.[1];
    if (flags === undefined || (Number.parseInt(flags, 8) & signalled) !== 0) return true;
    isSeen = true;
  }
  return !isSeen;
}
