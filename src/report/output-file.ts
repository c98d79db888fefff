import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { UsageError } from '../errors.ts';
import { reasonOf } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import type { Output } from './reporter.ts';

const standardOutput = 1;

/**
 * A file for results: complete, or not at all. It exists and is empty from the beginning, because the results of an earlier run must not be
 * mistaken for those of this one; if it is not closed when the process ends, or cannot be written, it is removed.
 */
export class OutputFile implements Output {
  readonly #path: string;
  readonly #fd: number;
  readonly #discard = () => this.#remove();
  #state: 'empty' | 'written' | 'failed' = 'empty';
  #failure: unknown;

  /** @throws UsageError `bad-file` if it cannot be written, before anything has been done */
  constructor(path: string) {
    this.#path = path;
    this.#fd = isStandardOutput(path) ? standardOutput : this.#open();
    process.once('exit', this.#discard);
  }

  /** A failure is thrown later, by `close`: a run continues if one of its reporters cannot write. */
  write(text: string): void {
    if (this.#state === 'failed') return;
    try {
      writeWhole(this.#fd, text);
      this.#state = 'written';
    } catch (error) {
      this.#failure = error;
      this.#state = 'failed';
    }
  }

  /** @throws UsageError `bad-file` if not everything could be written */
  close(): void {
    process.off('exit', this.#discard);
    if (this.#state !== 'written') this.#remove();
    try {
      if (this.#fd !== standardOutput) closeSync(this.#fd);
    } catch (error) {
      this.#failure ??= error;
    }
    if (this.#failure !== undefined) throw this.#unwritable(this.#failure);
  }

  #open(): number {
    try {
      return openSync(this.#path, 'w');
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  // A pipe or a device keeps what was written; a link, or another file that is there now, must not be removed.
  #remove(): void {
    const own = fstatSync(this.#fd);
    if (!own.isFile() || this.#fd === standardOutput) return;
    ftruncateSync(this.#fd);
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    if (there !== undefined && isSame(there, own)) rmSync(this.#path, { force: true });
  }

  #unwritable(error: unknown): UsageError {
    const why = reasonOf(error);
    return new UsageError('bad-file', `"${this.#path}" cannot be written (${why}): name another file`, error);
  }
}

// If a file were opened twice, its beginning would be overwritten.
function isStandardOutput(path: string): boolean {
  try {
    return isSame(statSync(path), fstatSync(standardOutput));
  } catch {
    return false;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
