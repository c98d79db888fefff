import type { Endpoint } from '../../address.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { isThisNetwork, type Place } from '../../observe/place.ts';
import { findHolders } from '../../observe/proc/holders.ts';
import { pidsAmong } from '../../observe/processes.ts';
import type { Holder } from '../../observe/row.ts';
import { entriesOf, networkOf } from '../../proc-files.ts';
import { numberOfState, type State } from '../../state.ts';
import { sleep } from '../../time.ts';
import type { Culprit } from '../finding.ts';
import { readProcesses } from './processes.ts';

const patienceMs = 1500;
/** TCP_TIMEWAIT_LEN of <net/tcp.h>. */
const timeWaitMs = 60_000;
/** Between two of them Node gets to do something else. */
const burstMs = 25;

const open: readonly State[] = ['SYN_SENT', 'ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'CLOSE_WAIT', 'CLOSING'];
const states = open.reduce((bits, state) => bits | (1 << numberOfState(state)), 0);

/** The ends of connections whose maker is searched for. */
export interface Course {
  readonly from: string;
  readonly to: Endpoint;
  /** The inodes of those that were open before: others may hold them. */
  readonly known: ReadonlySet<number>;
}

/**
 * The process that makes connections which last for milliseconds: a table shows only what they leave, without a process. The kernel is
 * asked again and again, and whenever a connection is open, the processes are searched at once. Empty if connections were made, and the
 * search was too late for each of them; null if none was made, or the search cannot be done there.
 */
export async function makersOf(
  course: Course,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Culprit[] | null> {
  if (!isThisNetwork(place)) return null;
  const diag = new SockDiag();
  try {
    const holder = await catchHolder(course, diag, signal);
    if (holder !== null) return [await culpritOf(holder, place, signal)];
    return wereMade(course, diag) ? [] : null;
  } finally {
    diag.close();
  }
}

async function catchHolder(course: Course, diag: SockDiag, signal: AbortSignal): Promise<Holder | null> {
  const suspects = new Suspects();
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const burstUntil = performance.now() + burstMs;
    while (performance.now() < burstUntil) {
      const inodes = openInodes(course, diag);
      const found = inodes.size === 0 ? null : suspects.search(inodes);
      if (found !== null) return found;
    }
    suspects.refresh();
    await sleep(1, signal);
  }
  return null;
}

/** Whether a connection ended in TIME_WAIT during the search. */
function wereMade({ from, to }: Course, diag: SockDiag): boolean {
  const states = 1 << numberOfState('TIME_WAIT');
  return [AF_INET, AF_INET6].some((family) =>
    diag
      .list(family, { port: to.port, states })
      .some(
        ({ local, remote, expiresMs }) =>
          remote.port === to.port &&
          remote.address === to.address &&
          local.address === from &&
          expiresMs > timeWaitMs - patienceMs,
      ),
  );
}

function openInodes({ from, to, known }: Course, diag: SockDiag): ReadonlySet<number> {
  const inodes = new Set<number>();
  for (const family of [AF_INET, AF_INET6]) {
    for (const { local, remote, inode } of diag.list(family, { port: to.port, states })) {
      const isOne = remote.port === to.port && remote.address === to.address && local.address === from;
      if (isOne && inode !== 0 && !known.has(inode)) inodes.add(inode);
    }
  }
  return inodes;
}

/** The processes of this network. A connection may be over before all are searched, so that each comes first in turn. */
class Suspects {
  readonly #network = networkOf('self');
  #known = new Set<number>();
  #pids: number[] = [];

  constructor() {
    this.refresh();
  }

  /** Those that are new come first: each connection may have a process of its own. */
  refresh(): void {
    const all = new Set(pidsAmong(entriesOf('/proc')));
    const added = [...all].filter((pid) => !this.#known.has(pid) && networkOf(pid) === this.#network);
    this.#pids = [...added, ...this.#pids.filter((pid) => all.has(pid))].filter((pid) => pid !== process.pid);
    this.#known = all;
  }

  search(inodes: ReadonlySet<number>): Holder | null {
    for (const pid of this.#pids) {
      const [held] = findHolders((inode) => inodes.has(inode), [pid]).byInode.values();
      if (held?.[0] !== undefined) return held[0];
    }
    const [first = [], rest = []] = [this.#pids.slice(0, 1), this.#pids.slice(1)];
    this.#pids = [...rest, ...first];
    return null;
  }
}

async function culpritOf({ pid, name, fd }: Holder, place: Place, signal: AbortSignal): Promise<Culprit> {
  const { byPid } = await readProcesses(place, new Map([[pid, name]]), signal);
  const { command, user } = byPid.get(pid) ?? { command: name, user: null };
  return { pid, command, user, descriptors: fd === undefined ? [] : [fd] };
}
