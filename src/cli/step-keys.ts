import { createInterface } from 'node:readline';
import { unlessAborted } from '../time.ts';

/** Continues a run step by step, with Enter. After the end of the input it continues by itself. */
export class StepKeys {
  readonly #lines = createInterface({ input: process.stdin, terminal: false });
  readonly #iterator = this.#lines[Symbol.asyncIterator]();
  #ended = false;

  async next(signal: AbortSignal): Promise<void> {
    if (this.#ended) return;
    const { done = false } = await unlessAborted(signal, this.#iterator.next());
    this.#ended = done;
  }

  close(): void {
    this.#lines.close();
    process.stdin.unref?.();
  }
}
