import { type HarmlessLines, harmlessLines } from '../foreign.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Report } from '../supervisor/protocol.ts';
import type { Ending } from './trial.ts';

/** A start of the command. */
export interface Run {
  readonly pid: number;
  readonly exited: Promise<Ending & { readonly at: number }>;
  /** Resolves when a line of output matched; never, if none was awaited. */
  readonly ready: Promise<void>;
  /** Whether each line of its output could be matched; `given up` where one took too long. */
  readonly matching: 'done' | 'given up';
  /**
   * Its binds and listens so far, in the order in which they were made; empty where they are not watched. `Supervisor.settled()`
   * waits until their results are known.
   */
  readonly calls: readonly Call[];
  /** How it ended; undefined while it runs. */
  ending(): Ending | undefined;
  /** The end of what it has printed. */
  output(): Promise<HarmlessLines>;
}

/** A client that binds again and again makes more calls than anybody reads: those at the end are kept, and every listen. */
const keptBinds = 1000;

/** A run, as the supervisor's reports tell of it. */
export class ReportedRun implements Run {
  readonly started: Promise<void>;
  readonly exited: Promise<Ending & { readonly at: number }>;
  readonly ready: Promise<void>;
  matching: Run['matching'] = 'done';
  readonly #askForOutput: () => void;
  readonly #calls = new Map<number, Call>();
  #pid = 0;
  #ending: Ending | undefined;
  #awaitingOutput: ((text: HarmlessLines) => void)[] = [];
  #lost: 'no' | 'yes' = 'no';
  #onStarted: () => void = () => {};
  #onFailed: (error: Error) => void = () => {};
  #onExited: (ending: Ending & { readonly at: number }) => void = () => {};
  #onReady: () => void = () => {};

  constructor(askForOutput: () => void) {
    this.#askForOutput = askForOutput;
    this.started = new Promise((resolve, reject) => {
      this.#onStarted = resolve;
      this.#onFailed = reject;
    });
    this.exited = new Promise((resolve) => {
      this.#onExited = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  get pid(): number {
    return this.#pid;
  }

  get calls(): readonly Call[] {
    return [...this.#calls.values()].sort((a, b) => a.number - b.number);
  }

  ending(): Ending | undefined {
    return this.#ending;
  }

  output(): Promise<HarmlessLines> {
    return new Promise((resolve) => {
      this.#awaitingOutput.push(resolve);
      if (this.#lost === 'yes') this.#tellOutput('');
      else this.#askForOutput();
    });
  }

  hear(message: Exclude<Extract<Report, { run: number }>, { report: 'not started' }>): void {
    switch (message.report) {
      case 'started':
        this.#pid = message.pid;
        this.#onStarted();
        break;
      case 'ready':
        this.#onReady();
        break;
      case 'given up':
        this.matching = 'given up';
        break;
      case 'exited':
        this.#ending = { status: message.status, signal: message.signal };
        this.#onExited({ ...this.#ending, at: message.at });
        break;
      case 'output':
        this.#tellOutput(message.text);
        break;
      case 'call':
        this.#keep(message.call);
        break;
    }
  }

  fail(error: Error): void {
    this.#onFailed(error);
  }

  /** Nobody tells of it any more. */
  lose(error: Error): void {
    this.#lost = 'yes';
    this.#onFailed(error);
    this.#tellOutput('');
  }

  #tellOutput(text: string): void {
    for (const resolve of this.#awaitingOutput.splice(0)) resolve(harmlessLines(text));
  }

  #keep(call: Call): void {
    this.#calls.set(call.number, call);
    if (this.#calls.size <= keptBinds * 2) return;
    const binds = [...this.#calls.values()].filter(({ call }) => call === 'bind');
    for (const { number } of binds.slice(0, -keptBinds)) this.#calls.delete(number);
  }
}
