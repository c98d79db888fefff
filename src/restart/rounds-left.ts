import type { Round, WaitEnd, Waiting } from '../waiting.ts';

/** The progress of all rounds. The remaining ones are expected to take as long as the finished ones, including the waits between them. */
export class RoundsLeft {
  readonly #of: number;
  readonly #waiting: Waiting;
  readonly #startedAt = performance.now();
  #done = 0;
  #doneAt = this.#startedAt;

  constructor(of: number, waiting: Waiting) {
    this.#of = of;
    this.#waiting = waiting;
  }

  /** This many rounds are done, or will not be tried. */
  done(count: number): void {
    this.#done = count;
    this.#doneAt = performance.now();
  }

  /** Reports a wait and its round. */
  readonly say: Waiting = (what, end) => {
    this.#waiting(what, end, this.#of === 1 ? undefined : this.#round(end));
  };

  #round(end: WaitEnd | undefined): Round {
    const [done, of] = [this.#done, this.#of];
    const number = Math.min(done + 1, of);
    if (done === 0) return { number, of, leftMs: null };
    const roundMs = (this.#doneAt - this.#startedAt) / done;
    const now = performance.now();
    const thisMs = Math.max(0, this.#doneAt + roundMs - now);
    // A kernel timer may take longer than any earlier round.
    const timerMs = end !== undefined && 'at' in end ? end.at - now : 0;
    return { number, of, leftMs: Math.max(thisMs, timerMs) + roundMs * (of - number) };
  }
}
