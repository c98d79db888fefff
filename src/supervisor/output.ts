import { type Context, createContext, Script } from 'node:vm';

/** How much of the end of a command's output is kept. */
const keptCharacters = 64 * 1024;
/** A longer line is matched in pieces. */
const longestLine = 16 * 1024;
/** A regular expression that backtracks for longer than this is no longer used, because it blocks this process. */
const matchingLimitMs = 1000;
/** How often matching may take too long: a busy machine may delay any process for a second. */
const allowedLimits = 3;

const someLineMatches = new Script('lines.some((line) => awaited.test(line))');

/** The output of a command: its end, and whether a line has matched. */
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

  // A prompt may lack a line end: the last line is matched even if it is incomplete.
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
