import type { Endpoint } from '../../address.ts';
import type { StateChange } from '../notifications.ts';
import { WatchedPairs } from './pairs.ts';
import type { Watch } from './watch.ts';

/** One round of questions about more would take longer than the states of a connection last. */
const mostPairs = 200;
/** As long after the last event questions follow one another without a pause. */
const alertMs = 20;
/** And with this one until the connections have been quiet so long; then with a longer one. */
const pauseMs = 0.05;
const quietAfterMs = 1000;
const longPauseMs = 1;

/** Asks for the states of all connections as often as it can while something happens, which takes up a core. */
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
