import type { Ora } from 'ora';
import type { Event } from '../events.ts';
import { formatSpan } from '../time.ts';
import { describeLoad } from './load.ts';
import type { Output, Reporter } from './reporter.ts';
import { pageWidth } from './text.ts';

/** What takes less is not worth a spinner. */
const shownAfterMs = 200;
const refreshMs = 250;

/**
 * Shows on standard error what is being waited for, while a transcript grows on standard output. ora is loaded when a wait
 * turns out to be long, so that it slows no run down.
 */
export class Live implements Reporter {
  readonly #inner: Reporter;
  #wait: Wait | undefined;

  constructor(createInner: (output: Output) => Reporter, output: Output) {
    // A line is written where the spinner was.
    this.#inner = createInner({
      write: (text) => {
        this.#wait?.hide();
        output.write(text);
      },
    });
  }

  on(event: Event): void {
    if (event.type === 'load') {
      this.#wait ??= new Wait('connections', null);
      this.#wait.say(describeLoad(event.sample));
      return;
    }
    this.#wait?.hide();
    this.#wait = event.type === 'waiting' ? new Wait(event.what, event.endsAt) : undefined;
    this.#inner.on(event);
  }
}

/** One line about one wait, from when it turns out to be long until it is over. */
class Wait {
  readonly #what: string;
  readonly #endsAt: number | null;
  readonly #startedAt = performance.now();
  #state: 'waiting' | 'over' = 'waiting';
  #timer: NodeJS.Timeout;
  #spinner: Ora | undefined;
  #progress: string | undefined;

  constructor(what: string, endsAt: number | null) {
    this.#what = what;
    this.#endsAt = endsAt;
    this.#timer = setTimeout(() => void this.#show(), shownAfterMs);
  }

  hide(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#spinner?.stop();
  }

  async #show(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#state === 'over') return;
    this.#spinner = ora({ stream: process.stderr, discardStdin: false, text: this.#text() }).start();
    this.#refresh();
  }

  #refresh(): void {
    if (this.#spinner !== undefined) this.#spinner.text = this.#text();
    this.#timer = setTimeout(() => this.#refresh(), refreshMs);
  }

  /** Tells how far it is, in place of what is waited for. */
  say(progress: string): void {
    this.#progress = progress;
  }

  #text(): string {
    if (this.#progress !== undefined) return this.#progress.slice(0, pageWidth - 4);
    const now = performance.now();
    const clock =
      this.#endsAt === null
        ? `for ${formatSpan(now - this.#startedAt)}`
        : `${formatSpan(Math.max(0, this.#endsAt - now))} left`;
    return `waiting for ${this.#what} (${clock})`.slice(0, pageWidth - 4);
  }
}
