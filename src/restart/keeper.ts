import { type ChildProcess, spawn } from 'node:child_process';
import * as v from 'valibot';
import { TcpcloseError } from '../errors.ts';
import { type HarmlessLines, harmlessLines } from '../foreign.ts';
import { type Order, type Report, report } from '../keeper/protocol.ts';
import { programEnvironment } from '../lab/paths.ts';
import { lineSplitter } from '../lines.ts';
import { keeperProgram } from '../package.ts';
import type { Ending } from './trial.ts';

/** What is to be started. */
export interface Command {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What a line of its output matches when it is ready; undefined if that is not awaited. */
  readonly ready: RegExp | undefined;
}

/** A start of the command. */
export interface Run {
  readonly pid: number;
  readonly exited: Promise<Ending & { readonly at: number }>;
  /** Resolves when a line of output matched; never, if none was awaited. */
  readonly ready: Promise<void>;
  /** How it ended; undefined while it runs. */
  ending(): Ending | undefined;
  /** The end of what it has printed. */
  output(): Promise<HarmlessLines>;
}

interface Entry {
  started(pid: number): void;
  failed(error: Error): void;
  matched(): void;
  ended(ending: Ending & { at: number }): void;
  told(text: HarmlessLines): void;
}

/** The keeper's process, as tcpclose holds it: it starts the user's command, and leaves nothing of it when it ends. */
export class Keeper {
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, Entry>();
  readonly #up: Promise<number>;
  readonly #gone: Promise<void>;
  #swept: () => void = () => {};

  constructor() {
    this.#process = spawn(process.execPath, [keeperProgram], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
      env: programEnvironment(),
    });
    this.#process.stdin?.on('error', () => {});
    this.#up = new Promise((resolve, reject) => {
      const onLine = lineSplitter((line) => this.#hear(v.parse(report, JSON.parse(line)), resolve));
      this.#process.stdout?.setEncoding('utf8').on('data', onLine);
      this.#process.once('error', reject);
    });
    this.#gone = new Promise((resolve) => this.#process.once('close', () => resolve()));
  }

  /** Its pid: all that is started is below it. */
  get pid(): Promise<number> {
    return this.#up;
  }

  /**
   * Starts the command.
   * @throws TcpcloseError `no-command` when it cannot be started at all
   */
  async start({ words, folder, environment, ready }: Command): Promise<Run> {
    await this.#up;
    const run = this.#runs.size + 1;
    let ending: Ending | undefined;
    let tell: ((text: HarmlessLines) => void)[] = [];
    let matched = () => {};
    let ended: (ending: Ending & { at: number }) => void = () => {};
    const started = new Promise<number>((resolve, reject) => {
      this.#runs.set(run, {
        started: resolve,
        failed: reject,
        matched: () => matched(),
        ended: (end) => {
          ending = end;
          ended(end);
        },
        told: (text) => {
          for (const resolve of tell) resolve(text);
          tell = [];
        },
      });
    });
    const isReady = new Promise<void>((resolve) => {
      matched = resolve;
    });
    const exited = new Promise<Ending & { at: number }>((resolve) => {
      ended = resolve;
    });
    this.#send({
      order: 'start',
      run,
      command: [...words],
      folder,
      environment: { ...environment },
      ready: ready?.source ?? null,
    });
    const pid = await started;
    return {
      pid,
      exited,
      ready: isReady,
      ending: () => ending,
      output: () =>
        new Promise((resolve) => {
          tell.push(resolve);
          this.#send({ order: 'tell', run });
        }),
    };
  }

  /** Takes down all that was started: SIGTERM to the commands, SIGKILL to whatever is left after `graceMs`. */
  sweep(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#swept = resolve;
      void this.#gone.then(resolve);
      this.#send({ order: 'sweep', graceMs });
    });
  }

  /** Takes down what is left, and ends. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    await this.#gone;
  }

  #send(order: Order): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #hear(message: Report, up: (pid: number) => void): void {
    const entry = 'run' in message ? this.#runs.get(message.run) : undefined;
    switch (message.report) {
      case 'up':
        up(message.pid);
        break;
      case 'swept':
        this.#swept();
        break;
      case 'started':
        entry?.started(message.pid);
        break;
      case 'not started':
        entry?.failed(new TcpcloseError('no-command', `the command cannot be started: ${message.reason}`));
        break;
      case 'ready':
        entry?.matched();
        break;
      case 'exited':
        entry?.ended({ status: message.status, signal: message.signal, at: message.at });
        break;
      case 'output':
        entry?.told(harmlessLines(message.text));
        break;
    }
  }
}
