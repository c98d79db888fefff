import { type Endpoint, pairOf } from '../address.ts';
import { type Harmless, harmless } from '../foreign.ts';
import type { Open } from '../native/tcp-open.ts';
import type { State } from '../state.ts';

/**
 * A process that holds a descriptor of the socket. `name` is what the observer reports: the kernel's comm with ss and /proc, argv[0] with
 * netstat.
 */
export interface Holder {
  readonly pid: number;
  readonly name: Harmless;
  /** Its descriptor, if the process is on this machine and its descriptors have been searched. */
  readonly fd?: number;
}

export const timerKinds = ['on', 'keepalive', 'timewait', 'persist', 'unknown'] as const;
export type TimerKind = (typeof timerKinds)[number];

/**
 * The timer of a socket, in the words of ss(8): `on` retransmits, `persist` probes a zero window, `timewait` counts down TIME_WAIT or an
 * orphaned FIN_WAIT2. If the ACK of its FIN arrives while close(2) still has the socket, an orphaned FIN_WAIT2 has `keepalive` instead, as
 * long, and then a RST (tcp_rcv_state_process() and tcp_keepalive_timer() of Linux): about one in 10,000 on a busy machine.
 */
export interface Timer {
  readonly kind: TimerKind;
  /** Milliseconds until it fires. From ten seconds on, ss truncates to whole seconds. */
  readonly leftMs: number;
  /** How many times in a row it has fired without an answer: retransmissions or probes. */
  readonly retransmits: number;
}

/** One TCP socket of the kernel's table, the same for every observer. */
export interface Row {
  /** The address family of the socket: a dual-stack listener's IPv4 connections are IPv6 with an IPv4 address. */
  readonly family: 'IPv4' | 'IPv6';
  readonly state: State;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Received bytes that are not read; for LISTEN, the connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** Unacknowledged bytes, including a queued FIN; 0 for LISTEN. */
  readonly sendQueue: number;
  readonly timer: Timer | null;
  /** Sorted by pid. Empty if no process holds the socket, or if the observer may not see the one that does. */
  readonly processes: readonly Holder[];
  /** 0 if no process owns the socket; null if the observer did not request it. */
  readonly uid: number | null;
  readonly inode: number | null;
  /** SO_COOKIE in hexadecimal: the same from the socket's birth to the end of its TIME_WAIT. null if the observer does not say. */
  readonly cookie: string | null;
  /** For a listener on [::]: it does not receive IPv4 (IPV6_V6ONLY). Missing if it does, or if the observer does not report it. */
  readonly ipv6Only?: true;
  /** How this end opened the connection; null if unknown. */
  readonly open: Open | null;
}

/** What identifies a socket from one look to the next. Without a cookie, another socket with the same ends is mistaken for it. */
export function identityOf({ cookie, family, local, remote }: Row): string {
  return cookie ?? `${family} ${pairOf(local, remote)}`;
}

/** Whether no process owns the socket: the kernel alone keeps TIME_WAIT, and what a close leaves. */
export function isOwnerless({ inode, state }: Pick<Row, 'inode' | 'state'>): boolean {
  return inode === null ? state === 'TIME_WAIT' : inode === 0;
}

/** A line that looks like data and could not be read: it is reported, never dropped. */
export interface UnreadLine {
  readonly line: Harmless;
  readonly reason: Harmless;
}

export interface Parsed {
  readonly rows: Row[];
  readonly unread: UnreadLine[];
}

/** Reads a table line by line; `read` returns a row, null for a line without one (a header), or why it cannot be read. */
export function parseLines(text: string, read: (line: string) => Row | null | string): Parsed {
  const parsed: Parsed = { rows: [], unread: [] };
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    const row = read(line);
    const result = row === null || typeof row === 'string' || isPossible(row) ? row : 'a number out of range';
    if (typeof result === 'string') parsed.unread.push({ line: harmless(line), reason: harmless(result) });
    else if (result !== null) parsed.rows.push(result);
  }
  return parsed;
}

/** Rejects output without its heading: it is not a table, not even an empty one. */
export function withHeading(heading: RegExp, { rows, unread }: Parsed, raw: string): Parsed {
  if (heading.test(raw)) return { rows, unread };
  const [line = ''] = raw.split('\n', 1);
  return { rows, unread: [{ line: harmless(line), reason: harmless('no heading') }, ...unread] };
}

const portMax = 65_535;

function isPossible({ local, remote, receiveQueue, sendQueue, timer, processes, uid, inode }: Row): boolean {
  const counts = [receiveQueue, sendQueue, timer?.leftMs, timer?.retransmits, uid, inode];
  return (
    local.port <= portMax &&
    remote.port <= portMax &&
    counts.every((count) => count === undefined || count === null || Number.isSafeInteger(count)) &&
    processes.every(({ pid }) => Number.isSafeInteger(pid))
  );
}

/** The processes of a socket, each once, sorted by pid: a process may hold it by several descriptors. */
export function uniqueHolders(holders: Iterable<Holder>): Holder[] {
  const byPid = new Map<number, Holder>();
  for (const { pid, name } of holders) if (!byPid.has(pid)) byPid.set(pid, { pid, name });
  return [...byPid.values()].sort((a, b) => a.pid - b.pid);
}

export function pidsOf({ processes }: Pick<Row, 'processes'>): string {
  return processes.map(({ pid }) => pid).join();
}
