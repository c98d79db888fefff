import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';

export interface Trend {
  /** Sockets that came since the first look, or in the last minute by their ages. */
  readonly perSecond: number;
  /** null if the looks were too close to each other to say that none came. */
  readonly text: string | null;
}

const tellingMs = 2000;

/** How a group of sockets in one state has changed since the first look; null after one look alone. */
export function trendOf(sockets: readonly Socket[], facts: Facts): Trend | null {
  if (facts.before === null) return null;
  const came = sockets.filter((socket) => facts.stateBefore(socket) !== socket.state).length;
  const span = formatSpan(facts.spanMs);
  const perSecond = came / (facts.spanMs / 1000);
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
