import type { Ora } from 'ora';
import { pageWidth } from '../report/text.ts';

/** One line on standard error about what goes on, on a terminal; nothing elsewhere. */
export class Progress {
  #text = '';
  #spinner: Ora | undefined;
  #state: 'on' | 'off' = process.stderr.isTTY && !process.env['CI'] ? 'on' : 'off';

  show(text: string): void {
    this.#text = text.slice(0, pageWidth - 4);
    if (this.#spinner !== undefined) this.#spinner.text = this.#text;
    else if (this.#state === 'on') void this.#start();
  }

  /** Takes the line away. */
  end(): void {
    this.#state = 'off';
    this.#spinner?.stop();
  }

  async #start(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#state === 'off' || this.#spinner !== undefined) return;
    this.#spinner = ora({ stream: process.stderr, discardStdin: false, text: this.#text }).start();
  }
}
