import { formatSpan } from '../time.ts';
import { Spinner } from './spinner.ts';

/** Shorter waits are not worth a line. */
const shownAfterMs = 200;
const refreshMs = 250;

/**
 * `left`: a timer ends the wait then. `about`: the wait may end then. `at most`: it is abandoned then. `since`: its end is unknown, and the
 * elapsed time is shown.
 */
export type Clock =
  | { readonly type: 'left' | 'about' | 'at most'; readonly ms: number }
  | { readonly type: 'since' }
  | { readonly type: 'none' };

/**
 * One line on standard error about a long wait, with the remaining time, which counts down between updates; only on a terminal, and not in
 * CI.
 */
export class Progress {
  readonly #motion: 'moving' | 'none' | undefined;
  #spinner: Spinner | undefined;
  #timer: NodeJS.Timeout | undefined;
  #what = '';
  #clock: Clock = { type: 'none' };
  #saidAt = 0;

  /** @param motion whether anything may move (default: if standard error is a terminal) */
  constructor(motion?: 'moving' | 'none') {
    this.#motion = motion;
  }

  /** Shows this instead of the present line; the first time only once the wait has become long. */
  say(what: string, clock: Clock = { type: 'none' }): void {
    const isNew = what !== this.#what || clock.type !== 'since';
    [this.#what, this.#clock] = [what, clock];
    if (isNew) this.#saidAt = performance.now();
    if (this.#spinner !== undefined) this.#spinner.say(this.#text());
    this.#timer ??= setTimeout(() => this.#refresh(), shownAfterMs);
  }

  /** Removes the line until the next frame, so that another can be printed there. */
  clear(): void {
    this.#spinner?.clear();
  }

  /** Removes the line. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#spinner?.stop();
    [this.#timer, this.#spinner] = [undefined, undefined];
  }

  #refresh(): void {
    this.#spinner ??= new Spinner(this.#motion);
    this.#spinner.say(this.#text());
    this.#timer = setTimeout(() => this.#refresh(), refreshMs);
  }

  #text(): string {
    const clock = clockText(this.#clock, performance.now() - this.#saidAt);
    return clock === '' ? this.#what : `${this.#what} (${clock})`;
  }
}

/** A time that ends before the next refresh is not shown: it would be over before it is replaced. @param goneMs since the clock was read */
export function clockText(clock: Clock, goneMs: number): string {
  switch (clock.type) {
    case 'about': {
      const seconds = Math.ceil((clock.ms - goneMs) / 1000);
      // The wait is longer than expected: no number is better than a wrong one.
      if (seconds <= 0) return '';
      return `about ${seconds < 100 ? `${seconds} s` : formatSpan(seconds * 1000)} left`;
    }
    case 'left':
    case 'at most': {
      const leftMs = clock.ms - goneMs;
      if (leftMs <= refreshMs) return '';
      return `${clock.type === 'left' ? '' : 'at most '}${formatSpan(leftMs)} left`;
    }
    case 'since':
      return `for ${formatSpan(goneMs)}`;
    case 'none':
      return '';
  }
}

/** The remaining time, if the rest is as fast as what is done. */
export function atThisPace(startedAt: number, done: number, of: number): Clock {
  if (done === 0) return { type: 'none' };
  return { type: 'about', ms: ((performance.now() - startedAt) / done) * (of - done) };
}

/** The clock of a wait that may have a timer. */
export function clockOf(leftMs: number | null): Clock {
  return leftMs === null ? { type: 'since' } : { type: 'left', ms: leftMs };
}
