import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal aborts, so that everything is taken down in order; the second ends the process at once.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #listeners = signals.map((signal) => ({ signal, listener: () => this.#interrupt(signal) }));
  #status: number | null = null;

  constructor() {
    for (const { signal, listener } of this.#listeners) process.on(signal, listener);
  }

  /** Counts the end of whoever reads standard output as an interruption, too. */
  watchOutput(): void {
    process.stdout.on('error', this.#onBrokenPipe);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status that tells of it: 128 and the signal's number; null if nothing happened. */
  get status(): number | null {
    return this.#status;
  }

  dispose(): void {
    for (const { signal, listener } of this.#listeners) process.off(signal, listener);
  }

  #interrupt(signal: (typeof signals)[number] | 'SIGPIPE'): void {
    const status = 128 + constants.signals[signal];
    if (this.#status !== null) process.exit(status);
    this.#status = status;
    this.#abort.abort(new Error(signal));
  }

  readonly #onBrokenPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (this.#status === null) this.#interrupt('SIGPIPE');
  };
}
