import { TcpcloseError } from '../errors.ts';
import type { Client } from '../lab/ends/client.ts';
import type { Server } from '../lab/ends/server.ts';
import type { Lab } from '../lab/lab.ts';
import type { ConnectionSegment, Role } from '../observe/packets/connections.ts';
import type { RecordedConnection } from '../observe/packets/recording.ts';
import { has } from '../observe/packets/segment.ts';
import { retry } from '../time.ts';

/**
 * What each side of the first incarnation of a pair sends. The kernel's initial sequence numbers for a pair grow by one in 64 ns
 * (RFC 6528, secure_tcp_seq()): a sender of more than 16 MB per second overtakes them, and the next incarnation begins inside
 * the numbers of the last one. Both sides send in turns, so that sequence numbers and acknowledgments advance alike.
 */
const bytesInRound = 500_000;

/** Windows large enough for that, as networks with high bandwidth and long delay need them. */
const wideWindows = '4096 67108864 67108864';

const attempts = 16;
const connectDeadlineMs = 10_000;

/** Makes new sockets offer large windows, so that old segments are not refused because they lie too far ahead. */
export async function widenWindows(lab: Lab): Promise<void> {
  await lab.kernel.sysctl('net.ipv4.tcp_rmem', wideWindows);
  await lab.kernel.sysctl('net.ipv4.tcp_wmem', wideWindows);
}

/**
 * Turns off the protection against old segments: no timestamps, and no TIME_WAIT. Returns the settings under which a finding then holds.
 */
export async function withoutProtection(lab: Lab): Promise<string> {
  await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
  await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 0);
  const [timestamps, buckets] = [
    await lab.kernel.settings('tcp_timestamps'),
    await lab.kernel.settings('tcp_max_tw_buckets'),
  ];
  return `${timestamps} and no TIME_WAIT (${buckets})`;
}

/** A segment of an earlier incarnation, and its place in the current one. */
export interface StraySegment {
  readonly segment: ConnectionSegment;
  /** How many bytes its sender must send in the current incarnation until this segment is the next. */
  readonly ahead: number;
  /** How many bytes its receiver must send until the acknowledgment is acceptable (RFC 5961 section 5.2); negative if it cannot be. */
  readonly acknowledges: number;
}

/** Whether the numbers of an old segment fit the connection as captured so far: its place and what it acknowledges are both ahead. */
export function fitsNow(
  { segment }: Pick<StraySegment, 'segment'>,
  { segments }: Pick<RecordedConnection, 'segments'>,
): 'fits' | 'does not fit' {
  const own = segments.filter(({ source, sender }) => source === 'kernel' && sender === segment.sender);
  const other = segments.filter(({ source, sender }) => source === 'kernel' && sender !== segment.sender);
  const next = (all: typeof own) =>
    all.reduce<number | null>((most, { sequence, length }) => {
      const end = (sequence + length) >>> 0;
      return most === null || ((end - most) | 0) > 0 ? end : most;
    }, null);
  const [expected, sent] = [next(own), next(other)];
  if (expected === null || sent === null || segment.acknowledgment === null) return 'does not fit';
  const isAhead = ((segment.sequence - expected) | 0) >= 0;
  const acknowledgesSent = ((sent - segment.acknowledgment) | 0) >= 0;
  return isAhead && acknowledgesSent ? 'fits' : 'does not fit';
}

/** A pair of endpoints with several incarnations. */
export interface Reincarnation {
  readonly server: Server;
  readonly client: Client;
  /** The nearest wanted segment that the client sent in an earlier incarnation and that lies ahead of the current one. */
  readonly stray: StraySegment;
}

export interface ReincarnationOptions {
  /** Default: the client first. */
  readonly end?: Ending;
  /** Which old segment must lie ahead (default: one with data whose acknowledgment fits). */
  readonly wanted?: (stray: StraySegment) => boolean;
  /** How many times half a megabyte is exchanged first (default: 24). */
  readonly rounds?: number;
}

/** Closes both sides, which exchange data in one process until then, and returns the server to connect to again. */
export type Ending = (server: Server, client: Client, exchanged: Promise<unknown>) => Promise<Server>;

// Not awaited: the next connection is requested at once, and the process handles requests in order.
const clientFirst: Ending = async (server, client) => {
  const [first, second] = [client.connection.socket, server.connection.socket];
  server.process.call('closeInTurn', { sockets: [first, second] }).catch(() => {});
  server.forget();
  return server;
};

/**
 * Makes a connection send a lot and end, and connects the same two ports again so soon that old segments lie ahead of it.
 * @throws TcpcloseError `too-slow` if the machine does not send faster than the clock of sequence numbers
 */
export async function reincarnate(
  lab: Lab,
  { end = clientFirst, wanted = hasFittingData, rounds = 24 }: ReincarnationOptions = {},
): Promise<Reincarnation> {
  let server = await lab.server();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const localPort = await lab.freePort();
    // Both sides are in one process, so that no other process delays them.
    let client = await lab.client(server, { localPort, reuseAddress: 'on', process: server });
    const exchanged = exchange(server, client, rounds);
    // It is not awaited: it can only fail with its process, which the next call reports.
    exchanged.catch(() => {});
    server = await end(server, client, exchanged);
    client = await connectAgain(lab, server, localPort);
    const stray = straySegments(await lab.wire.incarnations(client), 'client').find(wanted);
    if (stray !== undefined) return { server, client, stray };
    await client.destroy();
    server.forget();
  }
  throw new TcpcloseError(
    'too-slow',
    'the clock of sequence numbers overtook the old connections: try again when the machine is less busy',
  );
}

/** How far ahead a segment may lie for every kernel: Linux 6.1 opens the window at 64 KB, and widens it as data arrives. */
const nearby = 20_000;

/**
 * Both sides send until the old segment lies in the window: the server sends what it acknowledges; the client sends nearly all the bytes up
 * to it, which the server does not read.
 * @returns how many bytes the client has sent, each an `n`, and how many are missing until the segment is the next
 */
export async function approach({ server, client, stray }: Reincarnation): Promise<[number, number]> {
  const acknowledged = Math.max(stray.acknowledges, 1);
  await Promise.all([server.write(acknowledged), client.read(acknowledged)]);
  const missing = Math.min(nearby, stray.ahead >> 1);
  const sent = stray.ahead - missing;
  await client.write('n'.repeat(sent));
  return [sent, missing];
}

function hasFittingData({ segment, acknowledges }: StraySegment): boolean {
  return segment.length > 0 && acknowledges > 0;
}

function exchange(server: Server, client: Client, rounds: number): Promise<unknown> {
  const sockets: [number, number] = [client.connection.socket, server.connection.socket];
  return server.process.call('exchange', { sockets, rounds, bytes: bytesInRound });
}

// Retried until nothing blocks the pair any more.
async function connectAgain(lab: Lab, server: Server, localPort: number): Promise<Client> {
  return await retry(
    'a connection between the same ports',
    () => lab.client(server, { localPort, reuseAddress: 'on', process: server }),
    hasNotStarted,
    { withinMs: connectDeadlineMs, everyMs: 1, signal: lab.signal },
  );
}

// Recognised by its code, because the program that runs a user's scenario has a class of its own for it.
function hasNotStarted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'start-failed';
}

function straySegments(incarnations: readonly RecordedConnection[], sender: Role): StraySegment[] {
  const current = incarnations.at(-1);
  const sent = beginningOf(current, sender);
  const heard = beginningOf(current, sender === 'client' ? 'server' : 'client');
  if (sent === undefined || heard === undefined) return [];
  return incarnations
    .slice(0, -1)
    .flatMap(({ segments }) => segments.filter((segment) => segment.sender === sender))
    .map((segment) => ({
      segment,
      ahead: (segment.sequence - sent) | 0,
      acknowledges: ((segment.acknowledgment ?? 0) - heard) | 0,
    }))
    .filter(({ ahead }) => ahead > 0)
    .sort((a, b) => a.ahead - b.ahead);
}

/** The number of the first byte that a side sends: one more than that of its SYN. */
function beginningOf(connection: RecordedConnection | undefined, role: Role): number | undefined {
  const syn = connection?.segments.find((segment) => segment.sender === role && has(segment, 'SYN'));
  return syn === undefined ? undefined : (syn.sequence + 1) >>> 0;
}
