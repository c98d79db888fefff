import { pairOf } from '../../address.ts';
import { groupBy } from '../../group.ts';
import { type Holder, isOwnerless, type Row, uniqueHolders } from '../../observe/row.ts';
import type { State } from '../../state.ts';
import type { Ages } from './ages.ts';
import type { Flow } from './rates.ts';
import { leftOf } from './transitions.ts';

/** The connections of a port that have an end in one state. */
export interface TableRow {
  readonly state: State;
  /** The number of connections; one whose ends are both on this machine counts once. */
  readonly count: number;
  /** Sockets with this local port, and sockets at their other ends. */
  readonly atPort: number;
  readonly atOtherEnd: number;
  /** Milliseconds until the kernel has dropped the last of them by itself; null if it will not. */
  readonly leftMs: number | null;
  /** The first few, by pid. */
  readonly processes: readonly Holder[];
  readonly processCount: number;
  /** Sockets without a process: the kernel keeps them, or they wait to be accepted. All others have a process that was not seen. */
  readonly ownerless: number;
  /** The minimum time that one of them has been in the state. */
  readonly oldestMs: number | null;
  /** The number of sockets by which they grow or shrink per second; null in the first second. */
  readonly growthPerSecond: number | null;
}

/** What earlier looks have shown. */
interface History {
  readonly ages: Ages;
  readonly flow: Flow;
}

export type Table = readonly TableRow[];

const shown = 3;

/** In the order of a connection's life: from LISTEN to TIME_WAIT. */
const order: readonly State[] = [
  'LISTEN',
  'BOUND_INACTIVE',
  'SYN_SENT',
  'SYN_RECV',
  'NEW_SYN_RECV',
  'ESTABLISHED',
  'CLOSE_WAIT',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSED',
];

/** @param port null for the whole machine */
export function tableOf(port: number | null, sockets: readonly Row[], history: History): Table {
  const groups = groupBy(sockets, ({ state }) => state);
  return order.flatMap((state) => {
    const members = groups.get(state);
    return members === undefined ? [] : [rowOf(port, state, members, history)];
  });
}

/** How many connections have an end in that state. */
export function countOf(table: Table, state: State): number {
  return table.find((row) => row.state === state)?.count ?? 0;
}

function rowOf(
  port: number | null,
  state: State,
  members: readonly Row[],
  { ages, flow }: History,
): TableRow {
  const here = port === null ? members : members.filter(({ local }) => local.port === port);
  const holders = uniqueHolders(members.flatMap(({ processes }) => processes));
  return {
    state,
    count: members.length - (port === null ? bothHere(members) : countedTwice(here, members)),
    atPort: here.length,
    atOtherEnd: members.length - here.length,
    leftMs: longestLeft(members),
    processes: holders.slice(0, shown),
    processCount: holders.length,
    ownerless: members.filter(isOwnerless).length,
    oldestMs: ages.oldest(state),
    growthPerSecond: flow.growth(state),
  };
}

/** Connections with both ends on this machine and in the same state. */
function countedTwice(here: readonly Row[], members: readonly Row[]): number {
  if (here.length === 0 || here.length === members.length) return 0;
  const pairs = new Set(here.map(({ local, remote }) => pairOf(remote, local)));
  const there = new Set(here);
  return members.filter((socket) => !there.has(socket) && pairs.has(pairOf(socket.local, socket.remote)))
    .length;
}

/** The same for all sockets: each such connection appears twice. */
function bothHere(members: readonly Row[]): number {
  const pairs = new Set(members.map(({ local, remote }) => pairOf(local, remote)));
  const mirrored = members.filter(
    ({ local, remote }) => remote.port !== 0 && pairs.has(pairOf(remote, local)),
  );
  return Math.floor(mirrored.length / 2);
}

function longestLeft(members: readonly Row[]): number | null {
  const left = members.flatMap((socket) => leftOf(socket) ?? []);
  return left.length === 0 ? null : left.reduce((longest, ms) => Math.max(longest, ms));
}

/** Whether two tables would look alike, apart from what changes with time. */
export function sameTable(a: Table, b: Table): boolean {
  const shown = (table: Table) =>
    JSON.stringify(table.map((row) => ({ ...row, leftMs: null, oldestMs: null, growthPerSecond: null })));
  return shown(a) === shown(b);
}
