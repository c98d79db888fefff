import type { Event } from '../events.ts';
import { describeLoad } from './load.ts';
import type { Paint } from './paint.ts';
import { clockOf, Progress } from './progress.ts';
import type { Output, Reporter } from './reporter.ts';
import { Transcript, type TranscriptStyle } from './transcript.ts';

/** Shows on standard error what a long wait is waiting for, while a transcript grows on standard output. */
export class Live implements Reporter<Event> {
  readonly #transcript: Transcript;
  readonly #progress = new Progress();

  constructor(output: Output, paint: Paint, style: TranscriptStyle) {
    // A line is written where the spinner was.
    const write = (text: string) => {
      this.#progress.stop();
      output.write(text);
    };
    this.#transcript = new Transcript({ write }, paint, style);
  }

  onEvent(event: Event): void {
    if (event.type === 'load') {
      this.#progress.say(describeLoad(event.sample));
      return;
    }
    // While something is waited for, processes are asked again and again.
    if (event.type !== 'answered') this.#progress.stop();
    if (event.type === 'waiting') {
      const { what, endsAt } = event;
      this.#progress.say(`waiting for ${what}`, clockOf(endsAt === null ? null : endsAt - performance.now()));
    }
    this.#transcript.onEvent(event);
  }
}
