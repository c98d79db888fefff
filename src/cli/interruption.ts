import { constants } from 'node:os';
import { exitStatus } from './exit-status.ts';

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

  /** Counts it as an interruption, too, when whoever reads standard output has ended, or nothing more can be written. */
  watchOutput(): void {
    process.stdout.on('error', this.#onFailedOutput);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status that tells of it: 128 and the signal's number, or that of a run that was not possible; null if nothing happened. */
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

  readonly #onFailedOutput = ({ code, message }: NodeJS.ErrnoException): void => {
    if (this.#status !== null) return;
    if (code === 'EPIPE') {
      this.#interrupt('SIGPIPE');
      return;
    }
    this.#status = exitStatus.couldNotRun;
    process.stderr.on('error', () => {});
    process.stderr.write(`tcpclose: what is told cannot be written (${message}): write it elsewhere\n`);
    this.#abort.abort(new Error(message));
  };
}
