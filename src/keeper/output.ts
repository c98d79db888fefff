/** How much of what a command prints is kept: the end of it. */
const keptCharacters = 64 * 1024;
/** A line that is longer is looked at in pieces. */
const longestLine = 16 * 1024;

/** The output of a command: its end, and whether a line of it has matched. */
export class Output {
  readonly #awaited: RegExp | undefined;
  readonly #onMatch: () => void;
  #state: 'awaiting' | 'done';
  #text = '';
  #line = '';
  #bytes = 0;

  constructor(awaited: RegExp | undefined, onMatch: () => void) {
    this.#awaited = awaited;
    this.#onMatch = onMatch;
    this.#state = awaited === undefined ? 'done' : 'awaiting';
  }

  get end(): string {
    return this.#text;
  }

  /** All of it, also what is no longer kept. */
  get bytes(): number {
    return this.#bytes;
  }

  add(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    this.#text = (this.#text + text).slice(-keptCharacters);
    if (this.#state === 'awaiting') this.#match(text);
  }

  // A prompt may come without an end of line: the last one is tried as far as it goes.
  #match(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.at(-1) ?? '').slice(-longestLine);
    if (!lines.some((line) => this.#awaited?.test(line))) return;
    this.#state = 'done';
    this.#onMatch();
  }
}
