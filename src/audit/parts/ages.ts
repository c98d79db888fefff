import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Ages } from '../finding.ts';

/** The age of a state, in milliseconds; null if it is not known. */
export interface Age {
  readonly ms: number;
  readonly precision: Ages['precision'];
}

/**
 * How long ago the last segment came: for CLOSE_WAIT that was the FIN, and for FIN_WAIT2 its acknowledgment. The answers to
 * keep-alive come later, and so the age is greater.
 */
export function quietFor({ movement, timer }: Socket): Age | null {
  if (movement === null) return null;
  return { ms: movement.lastAckReceivedMs, precision: timer?.kind === 'keepalive' ? 'at least' : 'exact' };
}

/** The longest timeout between two repetitions: TCP_RTO_MAX of the kernel's include/net/tcp.h. */
const longestTimeoutMs = 120_000;

/**
 * Why what this side sends is not acknowledged: it is `lost` on the way; the other side does not `read`, and its window is zero; or it
 * is not even `sent`, because something here drops it, and the kernel probes as it does for a window of zero.
 */
export type Hindrance = 'lost' | 'not read' | 'not sent';

export function hindranceOf({ movement, timer }: Socket): Hindrance | null {
  if (movement === null || timer === null) return null;
  if (timer.kind === 'on') return timer.retransmits > 0 ? 'lost' : null;
  if (timer.kind !== 'persist') return null;
  return movement.sendWindow === null || movement.sendWindow === 0 ? 'not read' : 'not sent';
}

/**
 * For how long that has been so. Each timeout is twice the one before: rto/2 + rto/4 + ... have passed, as often as it was doubled, and
 * a part of the present one. Before a window of zero it is the time since data could last be sent.
 */
export function hinderedFor(socket: Socket): Age | null {
  const { movement, timer } = socket;
  const hindrance = hindranceOf(socket);
  if (movement === null || timer === null || hindrance === null) return null;
  const { rtoMs, backoff, lastAckReceivedMs, lastDataSentMs } = movement;
  if (hindrance === 'not read') return { ms: lastDataSentMs, precision: 'exact' };
  // What the own device drops at once is repeated at a steady pace (tcp_retransmit_timer() of Linux): then the time counts during which
  // something was not acknowledged, which is less precise.
  if (hindrance === 'lost' && timer.retransmits > backoff + 1) {
    return { ms: Math.min(lastAckReceivedMs, movement.busyMs ?? lastAckReceivedMs), precision: 'exact' };
  }
  // tcpi_rto is doubled for a retransmission, and not for a probe (tcp_send_probe0() of Linux).
  const timeoutMs = hindrance === 'lost' ? rtoMs : rtoMs * 2 ** backoff;
  const passedMs = timeoutMs * (1 - 2 ** -backoff) + Math.max(0, timeoutMs - timer.leftMs);
  // The other side may go on sending, such as its own FIN in CLOSING: what came last is no limit then.
  const isHeard = lastAckReceivedMs < passedMs;
  if (timeoutMs >= longestTimeoutMs)
    return isHeard ? { ms: passedMs, precision: 'at least' } : { ms: lastAckReceivedMs, precision: 'exact' };
  const limitMs = hindrance === 'lost' && movement.busyMs !== null ? movement.busyMs : lastAckReceivedMs;
  return { ms: Math.min(passedMs, limitMs), precision: 'exact' };
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

/** The text, and for how long; nothing is added if that is not known. */
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

/** Hours and days as well. */
export function formatLong(ms: number): string {
  if (ms < hour) return formatSpan(ms);
  const hours = Math.floor(ms / hour);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const minutes = Math.floor(ms / 60_000) % 60;
  return `${hours} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}
