import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Ages } from '../finding.ts';

/** The age of a state, in milliseconds; null if it cannot be told. */
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
 * For how long a segment has been repeated without an answer: each timeout is twice the one before. Before a zero window it is
 * the time since data could last be sent, because the probes carry none.
 */
export function repeatingFor({ movement, timer }: Socket): Age | null {
  if (movement === null || timer === null) return null;
  const { rtoMs, backoff, lastAckReceivedMs, lastDataSentMs } = movement;
  if (timer.kind === 'persist') return { ms: lastDataSentMs, precision: 'exact' };
  if (timer.kind !== 'on') return null;
  if (rtoMs >= longestTimeoutMs) return { ms: lastAckReceivedMs, precision: 'exact' };
  // rto/2 + rto/4 + ..., as often as it was doubled, and what has passed of the present one.
  const passed = rtoMs * (1 - 2 ** -backoff) + Math.max(0, rtoMs - timer.leftMs);
  return { ms: Math.min(passed, lastAckReceivedMs), precision: 'exact' };
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

export function formatAges({ oldestMs, newestMs, precision }: Ages, count: number): string {
  const least = precision === 'at least' ? 'at least ' : '';
  if (count === 1) return `for ${least}${formatLong(oldestMs)}`;
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
