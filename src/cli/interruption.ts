import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { log } from '../debug.ts';
import { messageOf } from '../errors.ts';
import { takeStray } from '../scenario/stray.ts';
import { writeWhole } from '../write-whole.ts';
import { describeError, reportError, reportLine } from './error-line.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What is not torn down by then ends by itself, because every child ends when its standard input does. */
const teardownDeadlineMs = 30_000;

/**
 * What interrupts a run: a signal, an output that cannot be written, an uncaught error. The first one aborts the run, which is then torn
 * down in order; a signal after that ends the process at once.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #exit: (status: number) => never;
  #status: number | null = null;
  #isBySignal = false;
  #heir: ((signal: NodeJS.Signals) => void) | undefined;

  constructor(exit: (status: number) => never) {
    this.#exit = exit;
    for (const signal of signals) process.on(signal, () => this.#interrupt(signal));
    process.on('uncaughtException', (error) => this.#fail(error));
  }

  /** Also interrupts the run when the reader of standard output has ended, or when nothing more can be written. */
  watchOutput(): void {
    process.stdout.on('error', this.#onFailedOutput);
    process.stderr.on('error', () => {});
    // Node writes to a file once, and treats a partial write as complete.
    if (isFile(process.stdout.fd)) process.stdout._write = writeToFile;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on signals interrupt nothing: they are meant for another program, which decides when it ends. */
  handOver(heir: (signal: NodeJS.Signals) => void): void {
    this.#heir = heir;
    process.on('SIGQUIT', () => heir('SIGQUIT'));
  }

  /**
   * The exit status of the interruption: 128 plus the signal's number, or the status for a run that was not possible; null without an
   * interruption.
   */
  get status(): number | null {
    return this.#status;
  }

  /** Reports that there is no result, unless the output has no reader or an error has been reported. */
  report(): void {
    if (this.#isBySignal) reportLine(describeError(this.signal.reason));
  }

  #interrupt(signal: (typeof signals)[number] | 'SIGPIPE'): void {
    if (this.#heir !== undefined) {
      if (signal !== 'SIGPIPE') this.#heir(signal);
      return;
    }
    const status = 128 + constants.signals[signal];
    if (this.#status !== null) this.#exit(status);
    this.#isBySignal = signal !== 'SIGPIPE';
    this.#stop(status, new Error(signal));
  }

  // Errors during the teardown are consequences of the interruption.
  #fail(error: unknown): void {
    if (takeStray(error)) return;
    if (this.#status === null) this.#stop(reportError(error), new Error(messageOf(error)));
    else log('%s', error instanceof Error ? error.stack : error);
  }

  #stop(status: number, reason: Error): void {
    this.#status = status;
    setTimeout(() => this.#giveUp(status), teardownDeadlineMs).unref();
    this.#abort.abort(reason);
  }

  #giveUp(status: number): never {
    reportLine(`not everything could be ended within ${teardownDeadlineMs / 1000} s: see what "ps" shows`);
    this.#exit(status);
  }

  readonly #onFailedOutput = ({ code, message }: NodeJS.ErrnoException): void => {
    if (this.#status !== null || this.#heir !== undefined) return;
    if (code === 'EPIPE') this.#interrupt('SIGPIPE');
    else
      this.#stop(
        reportLine(`the output cannot be written (${message}): free some space, or write it elsewhere`),
        new Error(message),
      );
  };
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

function writeToFile(chunk: string | Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
  try {
    writeWhole(1, chunk);
    done();
  } catch (error) {
    done(error as Error);
  }
}
