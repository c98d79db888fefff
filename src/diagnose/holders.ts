import { groupBy } from '../group.ts';
import { type ListenerOptions, listenerOptions } from '../native/borrow.ts';
import { type Holder, isOwnerless, pidsOf, type Row, uniqueHolders } from '../observe/row.ts';
import type { State } from '../state.ts';
import { type HolderKind, holderKinds } from './kinds.ts';
import type { Subflow } from './mptcp.ts';

/** Sockets that hold the port in the same way. */
export interface HolderGroup {
  readonly kind: HolderKind;
  readonly state: State;
  readonly count: number;
  /** The first few local addresses. */
  readonly addresses: readonly string[];
  /** The other ends of the first few connections. */
  readonly remotes: readonly Row['remote'][];
  /** What has the sockets: processes, the kernel alone, or a process that is not visible from here. */
  readonly owner: 'process' | 'none' | 'unseen';
  /** Sorted by pid. */
  readonly processes: readonly Holder[];
  /** The owner of the accept queue in which connections without a process wait; null for all others. */
  readonly waitingFor: 'accept' | null;
  /** The role of the sockets in MPTCP, if they are its subflows; `left`: the kernel keeps the connection for the other side to close. */
  readonly mptcp: Subflow['of'] | null;
  /** The user of a socket whose process cannot be seen. */
  readonly uid: number | null;
  /** Whether the sockets conflict with a bind to the address in question. */
  readonly meets: boolean;
  /** As read from the sockets themselves; null if they differ. */
  readonly reuseAddress: boolean | null;
  readonly reusePort: boolean | null;
  /** Why their options are not known. */
  readonly optionsUnknown: string | null;
  /** Milliseconds until the kernel drops the last of them by itself; null if it will not. */
  readonly leftMs: number | null;
  /** Connections in the accept queue of a listener, or unread bytes. */
  readonly receiveQueue: number;
}

// The number of ends that are listed; the others are counted.
const shown = 5;
const optionsRead = 8;

/** A socket of the port, and what it means for a bind. */
interface Judged {
  readonly socket: Row;
  readonly kind: HolderKind;
  readonly meets: boolean;
  readonly subflow: Subflow | null;
}

export function groupHolders(
  sockets: readonly Row[],
  kindOf: (socket: Row) => HolderKind,
  meets: (socket: Row) => boolean,
  subflows: ReadonlyMap<Row, Subflow> = new Map(),
): HolderGroup[] {
  const judged = sockets.map((socket) => ({
    socket,
    kind: kindOf(socket),
    meets: meets(socket),
    subflow: subflows.get(socket) ?? null,
  }));
  return [...groupBy(judged, keyOf).values()].map(describeGroup).sort(byWeight);
}

// Listeners are listed one by one, unless one program has many.
function keyOf(judged: Judged): string {
  const { socket, kind, meets, subflow } = judged;
  const apart =
    kind === 'listener'
      ? `${socket.local.address} ${pidsOf(socket)}`
      : `${ownerOf(socket)} ${waitsFor(judged)}`;
  return `${kind} ${socket.state} ${meets} ${subflow?.of} ${apart}`;
}

function describeGroup(group: readonly [Judged, ...Judged[]]): HolderGroup {
  const [judged] = group;
  const { socket: first, kind, meets, subflow } = judged;
  const members = group.map(({ socket }) => socket);
  return {
    kind,
    state: first.state,
    count: members.length,
    addresses: [...new Set(members.map(({ local }) => local.address))].slice(0, shown),
    remotes:
      kind === 'listener' || kind === 'bound' ? [] : members.slice(0, shown).map(({ remote }) => remote),
    owner: ownerOf(first),
    processes: uniqueHolders(members.flatMap(({ processes }) => processes)),
    waitingFor: waitsFor(judged),
    mptcp: subflow?.of ?? null,
    uid: first.uid,
    meets,
    ...optionsOf(members),
    leftMs: leftOf(group),
    receiveQueue: Math.max(...members.slice(0, 1000).map(({ receiveQueue }) => receiveQueue)),
  };
}

function ownerOf(socket: Row): HolderGroup['owner'] {
  if (socket.processes.length > 0) return 'process';
  return isOwnerless(socket) ? 'none' : 'unseen';
}

// An established connection without a process is in the accept queue of its listener.
function waitsFor({ socket: { inode, state }, subflow }: Judged): HolderGroup['waitingFor'] {
  return inode === 0 && subflow?.of !== 'left' && queued.includes(state) ? 'accept' : null;
}

const queued: readonly State[] = ['ESTABLISHED', 'CLOSE_WAIT', 'SYN_RECV', 'NEW_SYN_RECV'];

// The timewait timer ends the socket, even an orphaned FIN_WAIT2.
function leftOf(group: readonly Judged[]): number | null {
  let longest = 0;
  for (const { socket, subflow } of group) {
    const { timer } = socket;
    const leftMs = timer?.kind === 'timewait' ? timer.leftMs : (subflow?.leftMs ?? null);
    if (leftMs === null) return null;
    if (leftMs > longest) longest = leftMs;
  }
  return longest;
}

function optionsOf(
  members: readonly Row[],
): Pick<HolderGroup, 'reuseAddress' | 'reusePort' | 'optionsUnknown'> {
  const read = members.slice(0, optionsRead).map(readOptions);
  const unreadable = read.find((options) => options.state === 'unreadable');
  if (unreadable !== undefined) {
    return { reuseAddress: null, reusePort: null, optionsUnknown: unreadable.reason };
  }
  const known = read.filter((options) => options.state === 'read');
  return {
    reuseAddress: common(known.map(({ reuseAddress }) => reuseAddress)),
    reusePort: common(known.map(({ reusePort }) => reusePort)),
    optionsUnknown: null,
  };
}

function readOptions({ inode, processes: [holder] }: Row): ListenerOptions {
  if (inode === null || inode === 0) return { state: 'unreadable', reason: 'no process has the socket' };
  if (holder === undefined) return { state: 'unreadable', reason: 'its process cannot be seen' };
  if (holder.fd === undefined) return { state: 'unreadable', reason: 'not through a launcher' };
  return listenerOptions({ pid: holder.pid, inode, fd: holder.fd });
}

function common(values: readonly boolean[]): boolean | null {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
}

// Sockets that conflict with the bind first, then by kind, then by number.
function byWeight(a: HolderGroup, b: HolderGroup): number {
  if (a.meets !== b.meets) return a.meets ? -1 : 1;
  const [left, right] = [holderKinds.indexOf(a.kind), holderKinds.indexOf(b.kind)];
  return left - right || b.count - a.count;
}
