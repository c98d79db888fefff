import { canMove, Spinner } from '../report/spinner.ts';

/** One line of progress on standard error, on a terminal only. */
export class Progress {
  #spinner: Spinner | undefined;
  #state: 'on' | 'off' = canMove() ? 'on' : 'off';

  show(text: string): void {
    if (this.#state === 'off') return;
    if (this.#spinner === undefined) this.#spinner = new Spinner(text);
    else this.#spinner.say(text);
  }

  /** Removes the line. */
  end(): void {
    this.#state = 'off';
    this.#spinner?.stop();
  }
}
