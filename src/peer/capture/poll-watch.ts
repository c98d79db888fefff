import type { Endpoint } from '../../address.ts';
import type { StateChange } from '../notifications.ts';
import { WatchedPairs } from './pairs.ts';
import type { Watch } from './watch.ts';

/** Querying more in one round would take longer than the states of a connection last. */
const mostPairs = 200;
/** How long after the last event queries follow one another without a pause. */
const alertMs = 20;
/** The pause after that, and how long it applies; then a longer pause follows. */
const pauseMs = 0.05;
const quietAfterMs = 1000;
const longPauseMs = 1;

/** Polls the states of all connections without a pause while something happens, which keeps a core busy. */
export class PollWatch implements Watch {
  readonly #pairs = new WatchedPairs(mostPairs);
  readonly passed = null;

  constructor() {
    this.#pairs.warmUp();
  }

  look(): { changes: StateChange[]; events: number } {
    const changes = this.askAll();
    return { changes, events: changes.length };
  }

  askAll(): StateChange[] {
    return this.#pairs.ask();
  }

  captured(from: Endpoint, to: Endpoint): void {
    this.#pairs.watch(from, to);
  }

  pause(quietMs: number): number {
    if (this.#pairs.count === 0) return Number.POSITIVE_INFINITY;
    if (quietMs <= alertMs) return 0;
    return quietMs > quietAfterMs ? longPauseMs : pauseMs;
  }

  get unwatched(): number {
    return this.#pairs.unwatched;
  }
}
