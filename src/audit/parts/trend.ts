import { countBy } from '../../group.ts';
import type { State } from '../../state.ts';
import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import { type Age, hinderedFor } from './ages.ts';

export interface Trend {
  /** Sockets added since the first look, or in the last minute according to their ages. */
  readonly perSecond: number;
  /** null if the looks were too close together to show that none was added. */
  readonly text: string | null;
}

const tellingMs = 2000;
/** On a busy machine, many connections are in any state for a moment. Added ones count once they have been in it for longer. */
const momentMs = 1000;

/** What sockets in a group have in common, and how long a socket has belonged to it. */
interface Kind {
  readonly states: readonly State[];
  readonly ageOf: (socket: Socket) => Age | null;
  readonly keyOf: (socket: Socket) => string;
}

/** How many were added to each group since the first look. They are counted once for all groups, because there may be many. */
export class Newcomers {
  readonly #facts: Facts;
  readonly #kind: Kind;
  #counts: ReadonlyMap<string, number> | undefined;

  constructor(facts: Facts, kind: Kind) {
    this.#facts = facts;
    this.#kind = kind;
  }

  /** The trend of a socket's group; null after a single look. */
  trendOf(member: Socket | undefined): Trend | null {
    const { before, spanMs } = this.#facts;
    if (before === null || member === undefined) return null;
    const { keyOf } = this.#kind;
    this.#counts ??= countBy(
      this.#facts.connections.filter((socket) => this.#came(socket)),
      keyOf,
    );
    const came = this.#counts.get(keyOf(member)) ?? 0;
    const watchedMs = spanMs - this.#waitMs;
    const perSecond = came / (watchedMs / 1000);
    const span = formatSpan(watchedMs);
    if (came > 0) return { perSecond, text: `${came} more within ${span} (${formatRate(perSecond)})` };
    // Half a second without a new socket shows nothing.
    return { perSecond, text: spanMs < tellingMs ? null : `none added within ${span}` };
  }

  get #waitMs(): number {
    return Math.min(momentMs, this.#facts.spanMs / 2);
  }

  #came(socket: Socket): boolean {
    const { states, ageOf } = this.#kind;
    if (!states.includes(socket.state)) return false;
    const ms = ageOf(socket)?.ms ?? 0;
    if (ms < this.#waitMs || ms > this.#facts.spanMs) return false;
    // Keep-alive hides the true age, so the state must be a new one. For an ESTABLISHED socket the state shows nothing.
    return socket.state === 'ESTABLISHED' || this.#facts.stateBefore(socket) !== socket.state;
  }
}

export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`;
  if (perSecond >= 0.1) return `${perSecond.toFixed(1)}/s`;
  return `${(perSecond * 60).toFixed(1)}/min`;
}

/** Whether the socket was there at the first look, in the same state; true if there was only one look. */
export function stays(socket: Socket, facts: Facts): boolean {
  return facts.before === null || facts.stateBefore(socket) === socket.state;
}

/** Whether the socket stays in one of the states, and nothing has acknowledged what it sends for too long. */
export function isStuck(socket: Socket, states: readonly State[], facts: Facts): boolean {
  if (!states.includes(socket.state)) return false;
  const { ms } = hinderedFor(socket) ?? { ms: 0 };
  // Last: to look up the earlier state of each socket takes long, and healthy ones are not hindered.
  return ms >= facts.thresholds.stalledAge && stays(socket, facts);
}
