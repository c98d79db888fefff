import type { Place } from '../../observe/place.ts';
import type { Row } from '../../observe/row.ts';
import { entriesOf, linkOf, textOf } from '../../proc-files.ts';
import { sleep } from '../../time.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** A listener whose processes all sleep in calls that a new connection does not end, as a program that has inherited it does. */
export interface Unheard {
  readonly processes: readonly ProcessFacts[];
}

/**
 * System calls in which a program waits for neither a connection nor many things at once: read, nanosleep, clock_nanosleep, wait4, waitid,
 * pause, rt_sigsuspend, futex. proc_pid_syscall(5) shows their numbers; a program of another architecture has none of these in its
 * poll(), select() and accept().
 */
const asleep: Readonly<Record<string, readonly number[]>> = {
  x64: [0, 35, 230, 61, 247, 34, 130, 202],
  arm64: [63, 101, 115, 260, 95, 133, 98],
};
/** epoll_wait, epoll_pwait, epoll_pwait2: what they wait for can be seen. */
const awaiting: Readonly<Record<string, readonly number[]>> = { x64: [232, 281, 441], arm64: [22, 441] };
/** read: it sleeps for a client if its descriptor is a socket. */
const reading: Readonly<Record<string, number>> = { x64: 0, arm64: 63 };

/** O_ASYNC: the kernel sends a signal for a new connection. */
const signalled = 0o20000;
/** One that polls in a loop wakes up meanwhile. */
const lookMs = 500;

/** Looks twice, if the first look does not show who waits for connections. */
export async function unheardIn(diagnosis: Diagnosis, place: Place, signal: AbortSignal): Promise<Unheard[]> {
  if (place.procNet === undefined) return [];
  const { port, sockets, ownUid } = diagnosis;
  const listeners = sockets.filter(
    ({ state, local, uid, processes }) =>
      // Processes of other users may have it as well, and only root sees those.
      state === 'LISTEN' && local.port === port && processes.length > 0 && (ownUid === 0 || uid === ownUid),
  );
  const first = listeners.map((socket) => ({ socket, rest: restOf(socket) }));
  const candidates = first.filter(({ rest }) => rest !== null);
  if (candidates.length === 0) return [];
  await sleep(lookMs, signal);
  return candidates
    .filter(({ socket, rest }) => restOf(socket) === rest)
    .map(({ socket: { processes } }) => {
      const pids = processes.map(({ pid }) => pid);
      const facts = diagnosis.holders.flatMap((holder) => holder.processes);
      return { processes: pids.flatMap((pid) => facts.find((one) => one.pid === pid) ?? []) };
    })
    .filter(
      ({ processes }) => processes.length > 0 && processes.every(({ condition }) => condition === 'runs'),
    );
}

/** What each thread of its processes waits for, and how often it was woken; null if one may wait for a connection. */
function restOf({ processes, inode }: Row): string | null {
  if (inode === null || inode === 0) return null;
  const rests = processes.map(({ pid }) => restOfProcess(pid, inode));
  return rests.includes(null) ? null : rests.join('\n');
}

function restOfProcess(pid: number, inode: number): string | null {
  if (mayBeWoken(pid, inode)) return null;
  const threads = entriesOf(`/proc/${pid}/task`).map((thread) => restOfThread(pid, thread));
  return threads.length === 0 || threads.includes(null) ? null : threads.join('\n');
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

/** Whether an epoll has the listener, an io_uring may have it, or a signal announces a connection; also if that cannot be read. */
function mayBeWoken(pid: number, inode: number): boolean {
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
