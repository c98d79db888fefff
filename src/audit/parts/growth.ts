import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import { quietFor } from './ages.ts';
import { holdersKey } from './culprits.ts';
import { Newcomers, type Trend } from './trend.ts';

/** How the number of connections in CLOSE_WAIT of each process grows. */
export class Growth extends Newcomers {
  readonly #facts: Facts;
  #isAnyClosed: boolean | undefined;

  constructor(facts: Facts) {
    const keyOf = (socket: Socket) => (socket.inode === 0 ? '' : holdersKey(socket, facts));
    super(facts, { states: ['CLOSE_WAIT'], ageOf: quietFor, keyOf });
    this.#facts = facts;
  }

  /** Some were added between two looks far enough apart, and none was closed. Connections that are merely closed late come and go. */
  isAPile(trend: Trend | null): boolean {
    const { spanMs, thresholds } = this.#facts;
    if (trend === null || trend.perSecond <= 0 || spanMs < thresholds.closeWaitNote) return false;
    this.#isAnyClosed ??= this.#lookForClosed();
    return !this.#isAnyClosed;
  }

  #lookForClosed(): boolean {
    const { now, before } = this.#facts;
    const still = now.table.connections.filter(
      (socket) => socket.state === 'CLOSE_WAIT' && this.#facts.stateBefore(socket) === 'CLOSE_WAIT',
    );
    return still.length !== before?.table.count('CLOSE_WAIT');
  }
}
