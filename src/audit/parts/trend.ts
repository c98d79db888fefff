import type { State } from '../../state.ts';
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

/** What groups of sockets of a kind have in common, and for how long a socket has been of it. */
interface Kind {
  readonly states: readonly State[];
  readonly ageOf: (socket: Socket) => Age | null;
  readonly keyOf: (socket: Socket) => string;
}

/** How many came to each group since the first look. They are counted once for all groups, of which there may be many. */
export class Newcomers {
  readonly #facts: Facts;
  readonly #kind: Kind;
  #counts: ReadonlyMap<string, number> | undefined;

  constructor(facts: Facts, kind: Kind) {
    this.#facts = facts;
    this.#kind = kind;
  }

  /** Of the group of a socket; null after one look alone. */
  trendOf(member: Socket | undefined): Trend | null {
    const { before, spanMs } = this.#facts;
    if (before === null || member === undefined) return null;
    this.#counts ??= this.#count();
    const came = this.#counts.get(this.#kind.keyOf(member)) ?? 0;
    const watchedMs = spanMs - this.#waitMs;
    const perSecond = came / (watchedMs / 1000);
    const span = formatSpan(watchedMs);
    if (came > 0) return { perSecond, text: `${came} more within ${span} (${formatRate(perSecond)})` };
    // Half a second without one says nothing.
    return { perSecond, text: spanMs < tellingMs ? null : `none came within ${span}` };
  }

  get #waitMs(): number {
    return Math.min(momentMs, this.#facts.spanMs / 2);
  }

  #count(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const socket of this.#facts.connections) {
      if (!this.#came(socket)) continue;
      const key = this.#kind.keyOf(socket);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  #came(socket: Socket): boolean {
    const { states, ageOf } = this.#kind;
    if (!states.includes(socket.state)) return false;
    const ms = ageOf(socket)?.ms ?? 0;
    if (ms < this.#waitMs || ms > this.#facts.spanMs) return false;
    // Keep-alive hides the true age. Of an ESTABLISHED one the state says nothing.
    return socket.state === 'ESTABLISHED' || this.#facts.stateBefore(socket) !== socket.state;
  }
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
