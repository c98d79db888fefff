import { type Context, createContext, Script } from 'node:vm';

/** How much of what a command prints is kept: the end of it. */
const keptCharacters = 64 * 1024;
/** A line that is longer is looked at in pieces. */
const longestLine = 16 * 1024;
/** A regular expression that backtracks without end is given up: meanwhile nothing else could be done here. */
const matchingLimitMs = 1000;
/** A machine that is busy may stop anybody for a second. */
const allowedLimits = 3;

const someLineMatches = new Script('lines.some((line) => awaited.test(line))');

/** The output of a command: its end, and whether a line of it has matched. */
export class Output {
  readonly #matching: Context;
  readonly #onMatch: () => void;
  readonly #onGivenUp: () => void;
  #state: 'awaiting' | 'done';
  #text = '';
  #line = '';
  #limits = 0;

  constructor(awaited: RegExp | undefined, onMatch: () => void, onGivenUp: () => void) {
    this.#matching = awaited === undefined ? {} : createContext({ awaited });
    this.#onMatch = onMatch;
    this.#onGivenUp = onGivenUp;
    this.#state = awaited === undefined ? 'done' : 'awaiting';
  }

  get end(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text = (this.#text + text).slice(-keptCharacters);
    if (this.#state === 'awaiting') this.#match(text);
  }

  // A prompt may come without an end of line: the last one is tried as far as it goes.
  #match(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.at(-1) ?? '').slice(-longestLine);
    if (!this.#matches(lines)) return;
    this.#state = 'done';
    this.#onMatch();
  }

  #matches(lines: readonly string[]): boolean {
    this.#matching['lines'] = lines;
    try {
      return someLineMatches.runInContext(this.#matching, { timeout: matchingLimitMs }) === true;
    } catch {
      this.#line = '';
      this.#onGivenUp();
      if (++this.#limits === allowedLimits) this.#state = 'done';
      return false;
    }
  }
}
