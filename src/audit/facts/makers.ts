import type { Endpoint } from '../../address.ts';
import { userName } from '../../diagnose/process-facts.ts';
import type { Harmless } from '../../foreign.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import type { DiagSocket } from '../../native/sock-diag-message.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { isThisNetwork, type Place } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import { commandLineOf, pidsAmong } from '../../observe/processes.ts';
import type { Holder } from '../../observe/row.ts';
import { entriesOf, networkOf } from '../../proc-files.ts';
import { numberOfState, type State } from '../../state.ts';
import { sleep } from '../../time.ts';
import type { Culprit } from '../finding.ts';
import { readProcesses } from './processes.ts';

const patienceMs = 1500;
/** The length of a burst of looks. Between two bursts, Node can do other work. */
const burstMs = 25;

const open: readonly State[] = ['SYN_SENT', 'ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'CLOSE_WAIT', 'CLOSING'];
const states = open.reduce((bits, state) => bits | (1 << numberOfState(state)), 0);
/** The states of an ownerless connection that was closed here first. */
const closedFirst: ReadonlySet<number> = new Set(
  (['FIN_WAIT1', 'FIN_WAIT2', 'CLOSING', 'TIME_WAIT'] as const).map(numberOfState),
);

/** The ends of connections whose maker is searched for. */
export interface Course {
  readonly from: string;
  readonly to: Endpoint;
  /** The connections that were open before, by inode, with their holders as far as they are visible. */
  readonly known: ReadonlyMap<number, readonly Holder[]>;
}

/** A connection that is watched until it ends. */
interface Watched {
  readonly socket: DiagSocket;
  readonly holders: readonly Holder[];
  /** The command of its first holder, which may have ended before the connection; null if it is not needed. */
  readonly command: Harmless | null;
}

/**
 * The process that makes connections and closes them first. A table shows only the ownerless leftovers of these. So the kernel is polled:
 * whenever a new connection is open, the processes are searched at once, and when a connection ends, its end is examined. Empty if no
 * process was seen closing one first: a process that only keeps a connection open has not made the others.
 */
export async function makersOf(
  course: Course,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Culprit[]> {
  if (!isThisNetwork(place)) return [];
  const diag = new SockDiag();
  try {
    const caught = await catchMaker(course, diag, signal);
    return caught === null ? [] : await culpritsOf(caught, place, signal);
  } finally {
    diag.close();
  }
}

async function catchMaker(course: Course, diag: SockDiag, signal: AbortSignal): Promise<Watched | null> {
  const suspects = new Suspects();
  const watched = new Map<number, Watched>();
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const burstUntil = performance.now() + burstMs;
    while (performance.now() < burstUntil) {
      const now = openSockets(course, diag);
      for (const [inode, one] of watched) {
        if (now.has(inode)) continue;
        watched.delete(inode);
        if (wasClosedFirst(one, diag)) return one;
      }
      for (const [inode, socket] of now) {
        const holders = watched.has(inode) ? undefined : course.known.get(inode);
        if (holders !== undefined) watch(socket, holders);
      }
      const unknown = new Set([...now.keys()].filter((inode) => !watched.has(inode)));
      for (const [inode, holders] of suspects.search(unknown)) {
        const socket = now.get(inode);
        if (socket !== undefined) watch(socket, holders);
      }
    }
    suspects.refresh();
    await sleep(1, signal);
  }
  return null;

  function watch(socket: DiagSocket, holders: readonly Holder[]): void {
    // The command is known for those that were open before.
    const [first] = course.known.has(socket.inode) ? [] : holders;
    const command = first === undefined ? null : commandLineOf(first.pid);
    watched.set(socket.inode, { socket, holders, command });
  }
}

function wasClosedFirst({ socket, holders }: Watched, diag: SockDiag): boolean {
  if (holders.length === 0) return false;
  const end = diag.find(socket.local, socket.remote);
  return end !== undefined && end.cookie === socket.cookie && closedFirst.has(end.state);
}

function openSockets({ from, to }: Course, diag: SockDiag): ReadonlyMap<number, DiagSocket> {
  const found = new Map<number, DiagSocket>();
  for (const family of [AF_INET, AF_INET6]) {
    for (const socket of diag.list(family, { port: to.port, states })) {
      const { local, remote, inode } = socket;
      const isOne = remote.port === to.port && remote.address === to.address && local.address === from;
      if (isOne && inode !== 0) found.set(inode, socket);
    }
  }
  return found;
}

/** The processes of this network. A connection may end before all of them are searched, so each comes first in turn. */
class Suspects {
  readonly #network = networkOf('self');
  #known = new Set<number>();
  #pids: number[] = [];

  constructor() {
    this.refresh();
  }

  /** New processes come first, because each connection may have a separate process. */
  refresh(): void {
    const all = new Set(pidsAmong(entriesOf('/proc')));
    const added = [...all].filter((pid) => !this.#known.has(pid) && networkOf(pid) === this.#network);
    this.#pids = [...added, ...this.#pids.filter((pid) => all.has(pid))].filter((pid) => pid !== process.pid);
    this.#known = all;
  }

  /** The sockets of the first process that has any of them. */
  search(inodes: ReadonlySet<number>): ReadonlyMap<number, readonly Holder[]> {
    if (inodes.size === 0) return new Map();
    for (const pid of this.#pids) {
      const { byInode } = findHolders((inode) => inodes.has(inode), [pid]);
      if (byInode.size > 0) return byInode;
    }
    this.#pids.push(...this.#pids.splice(0, 1));
    return new Map();
  }
}

async function culpritsOf(
  { socket, holders, command }: Watched,
  place: Place,
  signal: AbortSignal,
): Promise<Culprit[]> {
  const names = new Map(holders.map(({ pid, name }) => [pid, name]));
  const { byPid, table } = await readProcesses(place, names, signal);
  return holders.map(({ pid, name, fd }, i) => {
    const facts = byPid.get(pid);
    const said = i === 0 && command ? command : (facts?.command ?? name);
    const user = facts?.user ?? userName(socket.uid, table.passwd);
    return { pid, command: said, user, descriptors: fd === undefined ? [] : [fd] };
  });
}
