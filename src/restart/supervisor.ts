import { type ChildProcess, spawn } from 'node:child_process';
import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { programEnvironment } from '../lab/hosts/environment.ts';
import { adoptOrphans } from '../native/process.ts';
import { signalChild } from '../native/signal.ts';
import { supervisorProgram } from '../package.ts';
import { RpcClient } from '../rpc/client.ts';
import type { Watching } from '../supervisor/calls/call.ts';
import type { Methods } from '../supervisor/methods.ts';
import { type Notifications, notifications } from '../supervisor/notifications.ts';
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
  readonly #rpc: RpcClient<Methods, Notifications>;
  readonly #runs = new Map<number, ReportedRun>();
  readonly #gone: Promise<void>;
  readonly #lost = new AbortController();
  readonly #disturbed = new AbortController();
  #watching: Watching;
  #state: 'wanted' | 'ending' = 'wanted';

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
    this.#rpc = new RpcClient(this.#process, {
      name: 'the supervisor',
      notifications,
      on: {
        matched: ({ run }) => this.#runs.get(run)?.match(),
        gaveUpMatching: ({ run }) => this.#runs.get(run)?.giveUpMatching(),
        exited: ({ run, ...exit }) => this.#runs.get(run)?.exit(exit),
        call: ({ run, call }) => this.#runs.get(run)?.keep(call),
        watching: ({ whyNot }) => {
          this.#watching = whyNot === null ? { state: 'on' } : { state: 'off', reason: harmless(whyNot) };
        },
        disturbed: ({ reason }) => {
          this.#watching = { state: 'off', reason: harmless(reason) };
          this.#disturbed.abort(new TcpcloseError('watching-disturbs', reason));
        },
      },
      deadlineMs: answerDeadlineMs,
      late: () => this.#endByForce(),
      gone: () => this.#loss(),
      failed: (_, { message }) =>
        new TcpcloseError('no-command', `the command cannot be started: ${message}`),
    });
    this.#gone = new Promise((resolve) => {
      this.#process.once('close', () => resolve()).once('error', () => resolve());
    });
    void this.#gone.then(() => this.#sweepAlone()).then(() => this.#lose());
  }

  /** Its pid: all that is started is below it. */
  get pid(): Promise<number> {
    return this.#rpc.ready();
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
    await this.#rpc.ready();
    const number = this.#runs.size + 1;
    const run = new ReportedRun(() => this.#outputOf(number));
    this.#runs.set(number, run);
    const { pid } = await this.#rpc.call('start', {
      run: number,
      command: [...words],
      folder,
      environment: { ...environment },
      ready: ready?.source ?? null,
      watch: this.#watch.watch,
    });
    run.pid = pid;
    return run;
  }

  async #outputOf(run: number): Promise<string> {
    const { text } = await this.#unlessLost(this.#rpc.call('output', { run }), { text: '' });
    return text;
  }

  /** Resolves when the results of all calls until now are known; within some 200 ms, rarely a second. */
  settled(): Promise<void> {
    return this.#unlessLost(this.#rpc.call('settle', {}), undefined);
  }

  /** Takes down all that was started: SIGTERM to the commands, SIGKILL to whatever is left after `graceMs`. */
  sweep(graceMs: number): Promise<void> {
    const swept = this.#rpc.call('sweep', { graceMs }, graceMs + sweepDeadlineMs);
    return this.#unlessLost(swept, undefined);
  }

  /** Takes down what is left, and ends. */
  async end(): Promise<void> {
    this.#state = 'ending';
    this.#process.stdin?.end();
    await within(sweepDeadlineMs, this.#gone, () => new Error()).catch(() => this.#endByForce());
  }

  /** With the supervisor all that it kept has gone. */
  async #unlessLost<Value>(result: Promise<Value>, instead: Value): Promise<Value> {
    try {
      return await result;
    } catch (error) {
      if (error instanceof TcpcloseError && error.code === 'supervisor-lost') return instead;
      throw error;
    }
  }

  // One that gives no answer has been stopped by somebody: it is ended, with all that it keeps.
  async #endByForce(): Promise<void> {
    const { pid } = this.#process;
    // What has lost its parent comes below the guard, which is the last to go.
    if (pid !== undefined) await killAllBelow(pid);
    signalChild(this.#process, 'SIGKILL');
    await this.#gone;
  }

  // Whoever kills the supervisor may have killed its guard as well. What they have left is below this process then.
  async #sweepAlone(): Promise<void> {
    const sessions = [...this.#runs.values()].map(({ pid }) => pid).filter((pid) => pid > 0);
    if (this.#state !== 'ending') await killSessionsBelow(process.pid, new Set(sessions));
  }

  #lose(): void {
    if (this.#state !== 'ending') this.#lost.abort(this.#loss());
    this.#rpc.end();
  }

  #loss(): TcpcloseError {
    const { pid, lastWords } = this.#rpc;
    const what =
      pid === undefined
        ? `the process that is to keep the command could not start${lastWords}: raise the limits of processes, memory and open files (see "ulimit -a")`
        : `the process that keeps the command has ended, and the command with it${lastWords}: run it again`;
    return new TcpcloseError('supervisor-lost', what);
  }
}
