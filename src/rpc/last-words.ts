import { harmless } from '../foreign.ts';

/** How much of what a process of tcpclose's own writes on standard error is kept. */
const keptCharacters = 4096;

/** What a child has written on standard error: the line that says why it ended. */
export class LastWords {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-keptCharacters);
  }

  /** With a colon before it; empty if there was none. */
  toString(): string {
    const lines = this.#text.trim().split('\n');
    // Node's report of an error goes on below it, with the stack and its release.
    const words =
      lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast((line) => /\w/.test(line)) ?? '';
    return words === '' ? '' : `: ${harmless(words)}`;
  }
}
