import type { Event } from '../events.ts';
import type { Reporter } from './reporter.ts';

/** Keeps events until there is somebody to tell them to, so that a run need not wait for its reporter to load. */
export class DeferredReporter implements Reporter {
  #kept: Event[] = [];
  #reporter: Reporter | undefined;

  on(event: Event): void {
    if (this.#reporter === undefined) this.#kept.push(event);
    else this.#reporter.on(event);
  }

  to(reporter: Reporter): void {
    this.#reporter = reporter;
    for (const event of this.#kept) reporter.on(event);
    this.#kept = [];
  }
}
