import type { SuiteEvent } from '../../events.ts';
import { Progress } from '../progress.ts';
import type { Results } from './results.ts';
import { TimeLeft } from './time-left.ts';

/** How many scenarios have ended, which run, and how long the rest may take. */
export class SuiteProgress {
  readonly #results: Results;
  readonly #timeLeft = new TimeLeft();
  readonly #progress: Progress;

  /** @param results those of the suite, which get its events first */
  constructor(results: Results, motion?: 'moving' | 'none') {
    this.#results = results;
    this.#progress = new Progress(motion);
  }

  on(event: SuiteEvent): void {
    this.#timeLeft.on(event);
    if (event.type === 'suite finished') {
      this.#progress.stop();
      return;
    }
    const { finished, total, running } = this.#results;
    const names = running.length === 0 ? '' : `: ${running.join(', ')}`;
    this.#progress.say(`${finished.length} of ${total}${names}`, {
      type: 'about',
      ms: this.#timeLeft.leftMs(),
    });
  }

  /** Takes the line away until the next frame, so that another can be written there. */
  clear(): void {
    this.#progress.clear();
  }

  stop(): void {
    this.#progress.stop();
  }
}
