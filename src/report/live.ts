import type { Event } from '../events.ts';
import { formatSpan } from '../time.ts';
import { describeLoad } from './load.ts';
import type { Output, Reporter } from './reporter.ts';
import { Spinner } from './spinner.ts';

/** What takes less is not worth a spinner. */
const shownAfterMs = 200;
const refreshMs = 250;

/**
 * Shows on standard error what is being waited for, while a transcript grows on standard output, when a wait turns out to be
 * long.
 */
export class Live implements Reporter<Event> {
  readonly #inner: Reporter<Event>;
  #wait: Wait | undefined;

  constructor(createInner: (output: Output) => Reporter<Event>, output: Output) {
    // A line is written where the spinner was.
    this.#inner = createInner({
      write: (text) => {
        this.#wait?.hide();
        output.write(text);
      },
    });
  }

  onEvent(event: Event): void {
    if (event.type === 'load') {
      this.#wait ??= new Wait('connections', null);
      this.#wait.say(describeLoad(event.sample));
      return;
    }
    this.#wait?.hide();
    this.#wait = event.type === 'waiting' ? new Wait(event.what, event.endsAt) : undefined;
    this.#inner.onEvent?.(event);
  }
}

/** One line about one wait, from when it turns out to be long until it is over. */
class Wait {
  readonly #what: string;
  readonly #endsAt: number | null;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout;
  readonly #spinner = new Spinner();
  #progress: string | undefined;

  constructor(what: string, endsAt: number | null) {
    this.#what = what;
    this.#endsAt = endsAt;
    this.#timer = setTimeout(() => this.#refresh(), shownAfterMs);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#spinner.stop();
  }

  #refresh(): void {
    this.#spinner.say(this.#text());
    this.#timer = setTimeout(() => this.#refresh(), refreshMs);
  }

  /** Tells how far it is, in place of what is waited for. */
  say(progress: string): void {
    this.#progress = progress;
  }

  #text(): string {
    if (this.#progress !== undefined) return this.#progress;
    const now = performance.now();
    const clock =
      this.#endsAt === null
        ? `for ${formatSpan(now - this.#startedAt)}`
        : `${formatSpan(Math.max(0, this.#endsAt - now))} left`;
    return `waiting for ${this.#what} (${clock})`;
  }
}
