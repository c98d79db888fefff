import { messageOf, UsageError } from '../../errors.ts';
import type { Paint } from '../../report/paint.ts';
import { hang } from '../../report/text.ts';
import { stops } from '../../report/tour/stops.ts';
import { EnteredLines } from '../entered-lines.ts';
import { readNumber, type Tour } from './tour.ts';

/** Leads the user through the tour: each question waits for Enter, and so does each answer. */
export class Guide {
  readonly #tour: Tour;
  readonly #paint: Paint;
  readonly #signal: AbortSignal;
  readonly #lines = new EnteredLines();

  constructor(tour: Tour, paint: Paint, signal: AbortSignal) {
    this.#tour = tour;
    this.#paint = paint;
    this.#signal = signal;
  }

  async lead(from: number): Promise<void> {
    try {
      await this.#walk(from);
    } finally {
      this.#lines.close();
    }
  }

  async #walk(from: number): Promise<void> {
    let number = from;
    for (;;) {
      this.#tour.ask(number);
      const wish = await this.#wish('press Enter to start');
      if (wish === 'quit') return;
      if (wish !== 'next') {
        number = wish;
        continue;
      }
      await this.#tour.make(number);
      if (this.#signal.aborted) return;
      if (number === stops.length) return this.#tour.end();
      const then = await this.#wish(`press Enter for stop ${number + 1}`);
      if (then === 'quit') return;
      number = then === 'next' ? number + 1 : then;
    }
  }

  /** The next line that is not empty. */
  async #wish(enter: string): Promise<'next' | 'quit' | number> {
    for (;;) {
      this.#say(`${enter} (1 to ${stops.length}: that stop, q: quit): `);
      const text = (await this.#line())?.trim();
      if (text === undefined || /^(q|quit|exit)$/i.test(text)) {
        process.stdout.write('\n');
        return 'quit';
      }
      if (text === '') return 'next';
      try {
        return readNumber(text);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        process.stdout.write(`${hang('', messageOf(error)).join('\n')}\n`);
      }
    }
  }

  async #line(): Promise<string | undefined> {
    try {
      return await this.#lines.next(this.#signal);
    } catch (error) {
      // The shell's prompt begins a line of its own.
      if (this.#signal.aborted) process.stdout.write('\n');
      throw error;
    }
  }

  #say(words: string): void {
    process.stdout.write(this.#paint.faint(words));
  }
}
