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
    const what = event.type === 'busy' ? ['waiting for a calmer machine'] : running;
    const names = what.length === 0 ? '' : `: ${what.join(', ')}`;
    this.#progress.say(`${finished.length} of ${total}${names}`, {
      type: 'about',
      ms: this.#timeLeft.leftMs(),
    });
  }

  /** Removes the line until the next frame, so that another can be printed there. */
  clear(): void {
    this.#progress.clear();
  }

  stop(): void {
    this.#progress.stop();
  }
}
