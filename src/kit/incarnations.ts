import { TcpcloseError } from '../errors.ts';
import type { Client } from '../lab/ends/client.ts';
import type { Server } from '../lab/ends/server.ts';
import type { Lab } from '../lab/lab.ts';
import type { ConnectionSegment, Role } from '../observe/packets/connections.ts';
import type { RecordedConnection } from '../observe/packets/recording.ts';
import { has } from '../observe/packets/segment.ts';
import { sleep } from '../time.ts';

/**
 * What each side of the first incarnation of a pair sends. The kernel's initial sequence numbers for a pair grow by one in 64 ns
 * (RFC 6528, secure_tcp_seq()): whoever sends more than 16 MB a second overtakes them, and the next incarnation begins inside
 * the numbers of the last one. Both sides send by turns, so that sequence numbers and acknowledgments move on alike.
 */
const bytesInRound = 500_000;

/** Windows that take all that; networks of high bandwidth and long delay need such windows, too. */
const wideWindows = '4096 67108864 67108864';

const attempts = 16;
const connectDeadlineMs = 10_000;

/** Has new sockets offer large windows, so that old segments are not refused for lying too far ahead. */
export async function widenWindows(lab: Lab): Promise<void> {
  await lab.kernel.sysctl('net.ipv4.tcp_rmem', wideWindows);
  await lab.kernel.sysctl('net.ipv4.tcp_wmem', wideWindows);
}

/** The settings of a kernel that protects nobody from old segments: no timestamps, and no TIME_WAIT. */
export async function withoutProtection(lab: Lab): Promise<void> {
  await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
  await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 0);
}

/** A segment of an earlier incarnation, and where it stands in the current one. */
export interface StraySegment {
  readonly segment: ConnectionSegment;
  /** How many bytes its sender must have sent in the current incarnation until it is the next one. */
  readonly ahead: number;
  /** How many bytes its receiver must have sent so that it acknowledges what was sent (RFC 5961 section 5.2); negative if it cannot. */
  readonly acknowledges: number;
}

/** A pair of endpoints with more than one life. */
export interface Reincarnation {
  readonly server: Server;
  readonly client: Client;
  /** The nearest of what the client sent in earlier lives, was wanted, and lies ahead of the current one. */
  readonly stray: StraySegment;
}

export interface ReincarnationOptions {
  /** The client first, if not given. */
  readonly end?: Ending;
  /** Which old segment is to lie ahead; one with data whose acknowledgment fits, if not given. */
  readonly wanted?: (stray: StraySegment) => boolean;
  /** How often half a megabyte goes to and fro first; 24 if not given. */
  readonly rounds?: number;
}

/** Closes both sides, and gives the server that is to be connected to again. They still exchange what they send, in one process. */
export type Ending = (server: Server, client: Client, exchanged: Promise<unknown>) => Promise<Server>;

// Not awaited: the next connection is asked for at once, and the process does one thing after the other.
const clientFirst: Ending = async (server, client) => {
  const [first, second] = [client.connection.socket, server.connection.socket];
  server.process.call('closeInTurn', { sockets: [first, second] }).catch(() => {});
  server.forget();
  return server;
};

/**
 * Lets a connection send a lot and end, and connects the same two ports again, so soon that old segments lie ahead of it.
 * @throws TcpcloseError `too-slow` where the machine does not send faster than the clock of sequence numbers runs
 */
export async function reincarnate(
  lab: Lab,
  { end = clientFirst, wanted = hasFittingData, rounds = 24 }: ReincarnationOptions = {},
): Promise<Reincarnation> {
  let server = await lab.server();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const localPort = await lab.freePort();
    // Both sides are in one process, which nobody else's turn holds up.
    let client = await lab.client(server, { localPort, reuseAddress: 'on', process: server });
    const exchanged = exchange(server, client, rounds);
    // Where it is not awaited it can fail only with its process, of which the next command tells.
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
    'the old connections were overtaken by the clock of sequence numbers: try again when the machine is less busy',
  );
}

function hasFittingData({ segment, acknowledges }: StraySegment): boolean {
  return segment.length > 0 && acknowledges > 0;
}

function exchange(server: Server, client: Client, rounds: number): Promise<unknown> {
  const sockets: [number, number] = [client.connection.socket, server.connection.socket];
  return server.process.call('exchange', { sockets, rounds, bytes: bytesInRound });
}

// As soon as nothing is in the way any more.
async function connectAgain(lab: Lab, server: Server, localPort: number): Promise<Client> {
  for (const until = performance.now() + connectDeadlineMs; ; ) {
    try {
      return await lab.client(server, { localPort, reuseAddress: 'on', process: server });
    } catch (error) {
      if (!hasNotStarted(error) || performance.now() > until) throw error;
      await sleep(1, lab.signal);
    }
  }
}

// By its code: the class is another one in the program that runs a user's scenario.
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

/** The number of the first byte that a side sends, which follows that of its SYN. */
function beginningOf(connection: RecordedConnection | undefined, role: Role): number | undefined {
  const syn = connection?.segments.find((segment) => segment.sender === role && has(segment, 'SYN'));
  return syn === undefined ? undefined : (syn.sequence + 1) >>> 0;
}
