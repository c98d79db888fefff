import { createInterface } from 'node:readline';
import { unlessAborted } from '../time.ts';

/** The lines that the user enters. The terminal stays in its normal mode, so nothing must be restored. */
export class EnteredLines {
  readonly #lines = createInterface({ input: process.stdin, terminal: false });
  readonly #iterator = this.#lines[Symbol.asyncIterator]();

  /** Resolves with undefined after the end of the input. */
  async next(signal: AbortSignal): Promise<string | undefined> {
    const { done, value } = await unlessAborted(signal, this.#iterator.next());
    return done ? undefined : value;
  }

  close(): void {
    this.#lines.close();
    process.stdin.unref?.();
  }
}
