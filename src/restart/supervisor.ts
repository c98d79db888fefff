import { type ChildProcess, spawn } from 'node:child_process';
import * as v from 'valibot';
import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { programEnvironment } from '../lab/hosts/environment.ts';
import { lineSplitter } from '../lines.ts';
import { adoptOrphans } from '../native/process.ts';
import { signalChild } from '../native/signal.ts';
import { supervisorProgram } from '../package.ts';
import { LastWords } from '../rpc/last-words.ts';
import type { Watching } from '../supervisor/calls/call.ts';
import { type Order, type Report, report } from '../supervisor/protocol.ts';
import { killAllBelow, killSessionsBelow } from '../supervisor/sweeping.ts';
import { within } from '../time.ts';
import { ReportedRun, type Run } from './run.ts';

export type { Run } from './run.ts';

/** What is to be started. */
export interface Command {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What a line of its output matches when it is ready; undefined if that is not awaited. */
  readonly ready: RegExp | undefined;
}

/** Whether the calls of a command are to be watched, where that is possible; `not`, and why. */
export type Watch = { readonly watch: 'calls' } | { readonly watch: 'not'; readonly reason: string };

/** A supervisor answers within a second. */
const answerDeadlineMs = 20_000;
/** It gives up what it cannot kill after 5 s. */
const sweepDeadlineMs = 10_000;

/** The supervisor's process, as tcpclose holds it: it starts the user's command, and leaves nothing of it when it ends. */
export class Supervisor {
  readonly #watch: Watch;
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, ReportedRun>();
  readonly #up: Promise<number>;
  readonly #gone: Promise<void>;
  readonly #lastWords = new LastWords();
  readonly #lost = new AbortController();
  readonly #disturbed = new AbortController();
  #watching: Watching;
  #state: 'starting' | 'keeping' | 'ending' = 'starting';
  #onSwept: (() => void)[] = [];
  #onSettled: (() => void)[] = [];
  #onHeard: (() => void)[] = [];

  constructor(watch: Watch = { watch: 'calls' }) {
    this.#watch = watch;
    const reason = watch.watch === 'not' ? watch.reason : 'nothing has been started yet';
    this.#watching = { state: 'off', reason: harmless(reason) };
    adoptOrphans();
    this.#process = spawn(process.execPath, [supervisorProgram], {
      stdio: 'pipe',
      detached: true,
      env: programEnvironment(),
    });
    this.#process.stdin?.on('error', () => {});
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#lastWords.add(text));
    this.#up = new Promise((resolve, reject) => {
      const onLine = lineSplitter((line) => this.#hear(v.parse(report, JSON.parse(line)), resolve));
      this.#process.stdout?.setEncoding('utf8').on('data', onLine);
      this.#process.once('error', reject);
      this.#lost.signal.addEventListener('abort', () => reject(this.#lost.signal.reason), { once: true });
    });
    this.#up.catch(() => {});
    this.#gone = new Promise((resolve) => this.#process.once('close', () => resolve()));
    void this.#gone.then(() => this.#sweepAlone()).then(() => this.#loseRuns());
  }

  /** Its pid: all that is started is below it. */
  get pid(): Promise<number> {
    return this.#up;
  }

  /** Whether the calls of the command are watched, or why not; known when the first start has been made. */
  get watching(): Watching {
    return this.#watching;
  }

  /** Aborted when the supervisor has ended though it was not told to: nothing of the command is left then. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Aborted when watching would have changed what the command does: it has been killed, for it to be started without. The reason
   * is a TcpcloseError `watching-disturbs`.
   */
  get disturbed(): AbortSignal {
    return this.#disturbed.signal;
  }

  /**
   * Starts the command.
   * @throws TcpcloseError `no-command` when it cannot be started at all, `supervisor-lost`
   */
  async start({ words, folder, environment, ready }: Command): Promise<Run> {
    await this.#answered(answerDeadlineMs, this.#up);
    this.#lost.signal.throwIfAborted();
    const number = this.#runs.size + 1;
    const run = new ReportedRun(() => {
      this.#send({ order: 'tell', run: number });
      void this.#answered(answerDeadlineMs, new Promise<void>((resolve) => this.#onHeard.push(resolve)));
    });
    this.#runs.set(number, run);
    this.#send({
      order: 'start',
      run: number,
      command: [...words],
      folder,
      environment: { ...environment },
      ready: ready?.source ?? null,
      watch: this.#watch.watch,
    });
    await this.#answered(answerDeadlineMs, run.started);
    return run;
  }

  /** Resolves when the results of all calls until now are known; within some 200 ms, rarely a second. */
  settled(): Promise<void> {
    return this.#ask({ order: 'settle' }, this.#onSettled, answerDeadlineMs);
  }

  /** Takes down all that was started: SIGTERM to the commands, SIGKILL to whatever is left after `graceMs`. */
  sweep(graceMs: number): Promise<void> {
    return this.#ask({ order: 'sweep', graceMs }, this.#onSwept, graceMs + sweepDeadlineMs);
  }

  /** Takes down what is left, and ends. */
  async end(): Promise<void> {
    this.#state = 'ending';
    this.#process.stdin?.end();
    await this.#answered(sweepDeadlineMs, this.#gone);
  }

  #ask(order: Order, waiting: (() => void)[], deadlineMs: number): Promise<void> {
    const answer = new Promise<void>((resolve) => {
      waiting.push(resolve);
      void this.#gone.then(resolve);
      this.#send(order);
    });
    return this.#answered(deadlineMs, answer);
  }

  /** The answer. A supervisor that gives none, since somebody has stopped it, is ended by force, with all that it keeps. */
  async #answered<Value>(deadlineMs: number, answer: Promise<Value>): Promise<Value> {
    const late = new Error();
    try {
      return await within(deadlineMs, answer, () => late);
    } catch (error) {
      if (error !== late) throw error;
    }
    await this.#endByForce();
    return answer;
  }

  async #endByForce(): Promise<void> {
    const { pid } = this.#process;
    // What has lost its parent comes below the guard, which is the last to go.
    if (pid !== undefined) await killAllBelow(pid);
    signalChild(this.#process, 'SIGKILL');
    await this.#gone;
  }

  #send(order: Order): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  // Whoever kills the supervisor may have killed its guard as well. What they have left is below this process then.
  async #sweepAlone(): Promise<void> {
    const sessions = [...this.#runs.values()].map(({ pid }) => pid).filter((pid) => pid > 0);
    if (this.#state !== 'ending') await killSessionsBelow(process.pid, new Set(sessions));
  }

  #loseRuns(): void {
    const what =
      this.#state === 'starting'
        ? `the process that is to keep the command could not start${this.#lastWords}: raise the limits of processes, memory and open files (see "ulimit -a")`
        : `the process that keeps the command has ended, and the command with it${this.#lastWords}: run it again`;
    const error = new TcpcloseError('supervisor-lost', what);
    if (this.#state !== 'ending') this.#lost.abort(error);
    for (const run of this.#runs.values()) run.lose(error);
    for (const heard of this.#onHeard.splice(0)) heard();
  }

  #hear(message: Report, up: (pid: number) => void): void {
    for (const heard of this.#onHeard.splice(0)) heard();
    switch (message.report) {
      case 'up':
        if (this.#state === 'starting') this.#state = 'keeping';
        up(message.pid);
        break;
      case 'swept':
        this.#onSwept.shift()?.();
        break;
      case 'settled':
        this.#onSettled.shift()?.();
        break;
      case 'watching':
        this.#watching =
          message.state === 'on'
            ? { state: 'on' }
            : { state: 'off', reason: harmless(message.reason ?? 'for a reason that is not known') };
        break;
      case 'disturbed':
        this.#watching = { state: 'off', reason: harmless(message.reason) };
        this.#disturbed.abort(new TcpcloseError('watching-disturbs', harmless(message.reason)));
        break;
      case 'not started':
        this.#runs
          .get(message.run)
          ?.fail(new TcpcloseError('no-command', `the command cannot be started: ${message.reason}`));
        break;
      default:
        this.#runs.get(message.run)?.hear(message);
    }
  }
}
