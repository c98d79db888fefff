import { canMove, Spinner } from '../report/spinner.ts';

/** One line on standard error about what goes on, on a terminal; nothing elsewhere. */
export class Progress {
  #spinner: Spinner | undefined;
  #state: 'on' | 'off' = canMove() ? 'on' : 'off';

  show(text: string): void {
    if (this.#state === 'off') return;
    if (this.#spinner === undefined) this.#spinner = new Spinner(text);
    else this.#spinner.say(text);
  }

  /** Takes the line away. */
  end(): void {
    this.#state = 'off';
    this.#spinner?.stop();
  }
}
