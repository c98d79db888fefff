import type { Reporter } from './reporter.ts';

/** Keeps events until their reporter is loaded, because a run must not wait for that. */
export class DeferredReporter<Event> implements Reporter<Event> {
  #kept: Event[] = [];
  #reporter: Reporter<Event> | undefined;

  onEvent(event: Event): void {
    if (this.#reporter === undefined) this.#kept.push(event);
    else this.#reporter.onEvent?.(event);
  }

  to(reporter: Reporter<Event>): void {
    this.#reporter = reporter;
    for (const event of this.#kept) reporter.onEvent?.(event);
    this.#kept = [];
  }
}
