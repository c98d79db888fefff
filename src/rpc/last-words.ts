import { harmless } from '../foreign.ts';

/** How much of the standard error of tcpclose's own processes is kept. */
const keptCharacters = 4096;

/** The standard error of a child: the line that says why it ended. */
export class LastWords {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-keptCharacters);
  }

  /** With a colon before it; empty if there was none. */
  toString(): string {
    const lines = this.#text.trim().split('\n');
    // Below that line Node prints the stack and its release.
    const words =
      lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast((line) => /\w/.test(line)) ?? '';
    return words === '' ? '' : `: ${harmless(words)}`;
  }
}
