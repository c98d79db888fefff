import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Age } from './ages.ts';

export interface Trend {
  /** Sockets that came since the first look, or in the last minute by their ages. */
  readonly perSecond: number;
  /** null if the looks were too close to each other to say that none came. */
  readonly text: string | null;
}

const tellingMs = 2000;
/** Many connections of a busy machine are in any state for a moment: those that came count when they have been in it for longer. */
const momentMs = 1000;

/** Who else belongs to a group of sockets, and for how long. */
interface Group {
  readonly isAlike: (socket: Socket) => boolean;
  readonly ageOf: (socket: Socket) => Age | null;
}

/** How many came to a group of sockets since the first look; null after one look alone. */
export function trendOf(facts: Facts, { isAlike, ageOf }: Group): Trend | null {
  if (facts.before === null) return null;
  const waitMs = Math.min(momentMs, facts.spanMs / 2);
  const spanMs = facts.spanMs - waitMs;
  const came = facts.connections.filter((socket) => {
    const ms = ageOf(socket)?.ms ?? 0;
    if (ms < waitMs || ms > facts.spanMs || !isAlike(socket)) return false;
    // Keep-alive hides the true age. Of an ESTABLISHED one the state says nothing.
    return socket.state === 'ESTABLISHED' || facts.stateBefore(socket) !== socket.state;
  }).length;
  const perSecond = came / (spanMs / 1000);
  const span = formatSpan(spanMs);
  if (came > 0) return { perSecond, text: `${came} more within ${span} (${formatRate(perSecond)})` };
  // Half a second without one says nothing.
  return { perSecond, text: facts.spanMs < tellingMs ? null : `none came within ${span}` };
}

export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`;
  if (perSecond >= 0.1) return `${perSecond.toFixed(1)}/s`;
  return `${(perSecond * 60).toFixed(1)}/min`;
}

/** Whether the socket was there at the first look, in the same state; true after one look alone. */
export function stays(socket: Socket, facts: Facts): boolean {
  return facts.before === null || facts.stateBefore(socket) === socket.state;
}
