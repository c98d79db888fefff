import { type Movement, shortestTimeoutMs } from '../../native/tcp-info.ts';
import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Ages } from '../finding.ts';

/** The age of a state in milliseconds; null if unknown. */
export interface Age {
  readonly ms: number;
  readonly precision: Ages['precision'];
}

/**
 * The time since the last segment: in CLOSE_WAIT that was the FIN, in FIN_WAIT2 its acknowledgment. The ACKs of keep-alive, and of data
 * sent after the FIN, come later; then the true age is greater.
 */
export function quietFor({ movement, timer, state }: Socket): Age | null {
  if (movement === null) return null;
  const isHidden = timer?.kind === 'keepalive' || (state === 'CLOSE_WAIT' && answered(movement));
  return { ms: movement.lastAckReceivedMs, precision: isHidden ? 'at least' : 'exact' };
}

/** How late an answer still counts as one: the kernel has ticks of up to 10 ms, and the answering process needs time as well. */
const leastAnswerMs = 50;

/** Whether the last segment may have been the ACK of data that was sent after the FIN, and not the FIN itself. */
function answered({ lastDataSentMs, lastAckReceivedMs, lastDataReceivedMs, probeMs }: Movement): boolean {
  const lateMs = lastDataSentMs - lastAckReceivedMs;
  const hasSent = lastDataSentMs < lastDataReceivedMs;
  return hasSent && lateMs >= 0 && lateMs <= Math.max(probeMs, leastAnswerMs);
}

/** The longest timeout between two retransmissions: TCP_RTO_MAX in the kernel's include/net/tcp.h. */
export const longestTimeoutMs = 120_000;

/**
 * Why nothing acknowledges what this side sends. `lost`: it is lost on the way. `not read`: the other side does not read, and its window is
 * zero. `not sent`: something here drops it, and the kernel probes as for a zero window.
 */
export type Hindrance = 'lost' | 'not read' | 'not sent';

export function hindranceOf({ movement, timer }: Socket): Hindrance | null {
  if (movement === null || timer === null) return null;
  if (timer.kind === 'on') return timer.retransmits > 0 ? 'lost' : null;
  if (timer.kind !== 'persist') return null;
  return movement.sendWindow === null || movement.sendWindow === 0 ? 'not read' : 'not sent';
}

/**
 * How long that has lasted. Each timeout is twice the one before: rto/2 + rto/4 + ... have passed, once for each doubling, plus part of the
 * present one. With a zero window it is the time since data could last be sent.
 */
export function hinderedFor(socket: Socket): Age | null {
  const { movement, timer } = socket;
  const hindrance = hindranceOf(socket);
  if (movement === null || timer === null || hindrance === null) return null;
  const { rtoMs, backoff, lastAckReceivedMs, lastDataSentMs } = movement;
  if (hindrance === 'not read') return { ms: lastDataSentMs, precision: 'exact' };
  // What this machine's device drops at once is retransmitted at a steady pace (tcp_retransmit_timer() of Linux): then the time without an
  // acknowledgment counts, which is less precise.
  if (hindrance === 'lost' && timer.retransmits > backoff + 1) {
    return { ms: Math.min(lastAckReceivedMs, movement.busyMs ?? lastAckReceivedMs), precision: 'exact' };
  }
  // tcpi_rto is doubled for a retransmission, but not for a probe (tcp_send_probe0() of Linux).
  const timeoutMs = hindrance === 'lost' ? rtoMs : rtoMs * 2 ** backoff;
  const passedMs = timeoutMs * (1 - 2 ** -backoff) + Math.max(0, timeoutMs - timer.leftMs);
  // The other side may still send, such as its own FIN in CLOSING: then the last segment is not a limit.
  const isHeard = lastAckReceivedMs < passedMs;
  const begun = hindrance === 'lost' ? beganRecovering(movement, passedMs, isHeard) : null;
  if (begun !== null) return { ms: begun, precision: 'exact' };
  if (timeoutMs >= longestTimeoutMs)
    return isHeard ? { ms: passedMs, precision: 'at least' } : { ms: lastAckReceivedMs, precision: 'exact' };
  const limitMs = hindrance === 'lost' && movement.busyMs !== null ? movement.busyMs : lastAckReceivedMs;
  return { ms: Math.min(passedMs, limitMs), precision: 'exact' };
}

/** How much later than set a timer of the kernel may fire (LVL_GRAN() in its kernel/time/timer.c), and a tail loss probe before the timers. */
const lateness = { factor: 1 / 8, probeMs: 500 } as const;

/**
 * Corrects for timers that fire late: after 100 s their sum is 2 s short. The kernel's clock of the present loss is exact. After an earlier
 * loss, so is the time in which anything was unacknowledged, unless the connection was busy before. null if neither applies.
 */
function beganRecovering(movement: Movement, passedMs: number, isHeard: boolean): number | null {
  const { recoveringMs, rtoMs, backoff, probeMs, lastAckReceivedMs } = movement;
  const busyMs = movement.busyMs ?? Number.POSITIVE_INFINITY;
  const longestMs = isHeard ? busyMs : Math.min(busyMs, lastAckReceivedMs);
  if (recoveringMs !== null) {
    const firstMs = Math.max(rtoMs / 2 ** backoff, shortestTimeoutMs);
    return Math.min(recoveringMs + firstMs + probeMs, longestMs);
  }
  const isNear = longestMs >= passedMs && longestMs <= passedMs * (1 + lateness.factor) + lateness.probeMs;
  return isNear ? longestMs : null;
}

interface Aged {
  /** The oldest first. */
  readonly sockets: readonly Socket[];
  readonly since: Ages | null;
  /** A text with the ages. */
  readonly aged: (text: string) => string;
}

/** Of 100,000 sockets each age is computed only once. */
export function byAge(group: readonly Socket[], ageOf: (socket: Socket) => Age | null): Aged {
  const all = group.map((socket) => ({ socket, age: ageOf(socket) }));
  const sockets = all.sort((a, b) => (b.age?.ms ?? 0) - (a.age?.ms ?? 0)).map(({ socket }) => socket);
  const since = agesOf(all.map(({ age }) => age));
  return { sockets, since, aged: (text: string) => withAges(text, since, sockets.length) };
}

export function agesOf(ages: readonly (Age | null)[]): Ages | null {
  const known = ages.filter((age) => age !== null);
  if (known.length === 0) return null;
  let [oldestMs, newestMs] = [0, Number.POSITIVE_INFINITY];
  for (const { ms } of known) {
    oldestMs = Math.max(oldestMs, ms);
    newestMs = Math.min(newestMs, ms);
  }
  const precision = known.some(({ precision }) => precision === 'at least') ? 'at least' : 'exact';
  return { oldestMs, newestMs, precision };
}

/** The text with the ages, or the text alone if they are unknown. */
export function withAges(text: string, ages: Ages | null, count: number): string {
  return ages === null ? text : `${text}, ${formatAges(ages, count)}`;
}

function formatAges({ oldestMs, newestMs, precision }: Ages, count: number): string {
  const least = precision === 'at least' ? 'at least ' : '';
  if (count === 1 || formatLong(oldestMs) === formatLong(newestMs))
    return `for ${least}${formatLong(oldestMs)}`;
  return `the oldest for ${least}${formatLong(oldestMs)}, the newest for ${formatLong(newestMs)}`;
}

const hour = 3_600_000;

/** A duration, including hours and days. */
export function formatLong(ms: number): string {
  if (ms < hour) return formatSpan(ms);
  const hours = Math.floor(ms / hour);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const minutes = Math.floor(ms / 60_000) % 60;
  return `${hours} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}
