import { type ChildProcess, spawn } from 'node:child_process';
import type { Endpoint } from '../address.ts';
import { TcpcloseError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { programEnvironment } from '../lab/hosts/environment.ts';
import { adoptOrphansForNow } from '../native/process.ts';
import { sendSignal, signalChild } from '../native/signal.ts';
import { startTied } from '../native/tie.ts';
import { childrenOf } from '../observe/processes.ts';
import { supervisorProgram } from '../package.ts';
import { RpcClient } from '../rpc/client.ts';
import { patternOf } from '../rpc/pattern.ts';
import type { Watching } from '../supervisor/calls/call.ts';
import type { Methods } from '../supervisor/methods.ts';
import { type Notifications, notifications } from '../supervisor/notifications.ts';
import { killAllBelow, killSessionsBelow, reapSessionsBelow } from '../supervisor/sweeping.ts';
import { endsWithRemedy } from '../system-error.ts';
import { within } from '../time.ts';
import { ReportedRun, type Run } from './run.ts';

/** What to start. */
export interface Command {
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The line of output that shows that the server is ready; undefined if no line is awaited. */
  readonly ready: RegExp | undefined;
  /** Whether the command gets the listener that the supervisor keeps. */
  readonly listener?: 'passed' | 'not passed' | undefined;
}

/** Whether to watch the calls of a command, if possible; or `not`, with the reason. */
export type Watch = { readonly watch: 'calls' } | { readonly watch: 'not'; readonly reason: string };

/** A supervisor answers within a second. */
const answerDeadlineMs = 20_000;
/** A supervisor that has not answered by then may have been stopped. */
const resumeMs = 1000;
/** The supervisor abandons after 5 s what it cannot kill; an engine may need longer to remove a container. */
const sweepDeadlineMs = 60_000;

/** The supervisor's process, seen from tcpclose: it starts the user's command, and leaves nothing of it when it ends. */
export class Supervisor {
  readonly #watch: Watch;
  readonly #process: ChildProcess;
  readonly #rpc: RpcClient<Methods, Notifications>;
  readonly #runs = new Map<number, ReportedRun>();
  readonly #gone: Promise<void>;
  /** Resolves when nothing of the supervisor is left, not even a zombie. */
  readonly #over: Promise<void>;
  readonly #lost = new AbortController();
  readonly #release: () => void;
  #watching: Watching;
  #state: 'wanted' | 'ending' = 'wanted';

  constructor(watch: Watch = { watch: 'calls' }) {
    this.#watch = watch;
    const reason = watch.watch === 'not' ? watch.reason : 'nothing has been started yet';
    this.#watching = { state: 'off', reason: harmless(reason) };
    this.#release = adoptOrphansForNow();
    const { child, untie } = startTied((inherit) =>
      spawn(process.execPath, [supervisorProgram, String(process.pid)], {
        stdio: ['pipe', 'pipe', 'pipe', ...inherit],
        detached: true,
        env: programEnvironment(),
      }),
    );
    this.#process = child;
    this.#rpc = new RpcClient(this.#process, {
      name: 'the supervisor',
      notifications,
      on: {
        guards: untie,
        matched: ({ run }) => this.#runs.get(run)?.match(),
        gaveUpMatching: ({ run }) => this.#runs.get(run)?.giveUpMatching(),
        exited: ({ run, ...exit }) => this.#runs.get(run)?.exit(exit),
        call: ({ run, call }) => this.#runs.get(run)?.keep(call),
        watching: ({ whyNot }) => {
          this.#watching = whyNot === null ? { state: 'on' } : { state: 'off', reason: harmless(whyNot) };
        },
        disturbed: ({ reason }) => {
          this.#watching = { state: 'off', reason: harmless(reason) };
          this.#lost.abort(new TcpcloseError('watching-disturbs', reason));
        },
      },
      deadlineMs: answerDeadlineMs,
      late: () => this.#endByForce(),
      gone: () => this.#loss(),
      failed: (method, { message, errno }) =>
        method === 'keep'
          ? new TcpcloseError(
              'listener-not-opened',
              `the listener of --listen-fds cannot be opened (${errno ?? message}): choose another port; "tcpclose why <port>" shows who has it`,
            )
          : new TcpcloseError('no-command', `the command cannot be started: ${message}`),
    });
    this.#gone = new Promise((resolve) => {
      this.#process.once('close', () => resolve()).once('error', () => resolve());
    });
    this.#over = this.#gone
      .then(() => this.#sweepAlone())
      .then(() => reapSessionsBelow(process.pid, this.#sessions))
      .finally(() => this.#release());
    void this.#over.then(() => this.#lose());
  }

  /** The pid of the supervisor: everything that it starts is below it. */
  get pid(): Promise<number> {
    return this.#rpc.ready();
  }

  /** Whether the calls of the command are watched, or why not; known after the first start. */
  get watching(): Watching {
    return this.#watching;
  }

  /**
   * Aborts when nothing of the command is left. The reason is a TcpcloseError: `supervisor-lost` if the supervisor ended by itself,
   * `watching-disturbs` if watching would have changed the behaviour of the command, which has been killed, and must be started without
   * watching.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Opens a listener that the supervisor keeps across all starts, and passes to those starts that use it. Returns its inode.
   * @throws TcpcloseError `listener-not-opened`
   */
  async keep(endpoint: Endpoint): Promise<number> {
    await this.#rpc.ready();
    const { inode } = await this.#rpc.call('keep', { ...endpoint });
    return inode;
  }

  /**
   * Starts the command.
   * @throws TcpcloseError `no-command` if it cannot be started at all, `supervisor-lost`
   */
  async start({ words, folder, environment, ready, listener }: Command): Promise<Run> {
    await this.#rpc.ready();
    const number = this.#runs.size + 1;
    const run = new ReportedRun(() => this.#outputOf(number));
    this.#runs.set(number, run);
    const { pid } = await this.#rpc.call('start', {
      run: number,
      command: [...words],
      folder,
      environment: { ...environment },
      ready: ready === undefined ? null : patternOf(ready),
      listener: listener ?? 'not passed',
      watch: this.#watch.watch,
    });
    run.pid = pid;
    return run;
  }

  async #outputOf(run: number): Promise<string> {
    const { text } = await this.#unlessLost(this.#rpc.call('output', { run }), { text: '' });
    return text;
  }

  /** Resolves when the results of all calls so far are known, usually within 200 ms, rarely after a second. */
  settled(): Promise<void> {
    return this.#unlessLost(this.#rpc.call('settle', {}), undefined);
  }

  /** Ends everything that was started: SIGTERM to the commands, SIGKILL to whatever is left after `graceMs`. */
  sweep(graceMs: number): Promise<void> {
    const swept = this.#rpc.call('sweep', { graceMs }, graceMs + sweepDeadlineMs);
    return this.#unlessLost(swept, undefined);
  }

  /** Ends what is left, and then itself. */
  async end(): Promise<void> {
    this.#state = 'ending';
    this.#process.stdin?.end();
    this.#resume();
    await within(sweepDeadlineMs, this.#gone, () => new Error()).catch(() => this.#endByForce());
    await this.#over;
  }

  // The command may have stopped both: then they would neither answer nor see that they have to end.
  #resume(): void {
    if (signalChild(this.#process, 'SIGCONT') !== 'sent') return;
    for (const { pid } of childrenOf(this.#process.pid ?? 0)) sendSignal(pid, 'SIGCONT');
  }

  /** What the supervisor kept has ended with it: then the result is `instead`. */
  async #unlessLost<Value>(result: Promise<Value>, instead: Value): Promise<Value> {
    const resuming = setInterval(() => this.#resume(), resumeMs);
    try {
      return await result;
    } catch (error) {
      if (error instanceof TcpcloseError && error.code === 'supervisor-lost') return instead;
      throw error;
    } finally {
      clearInterval(resuming);
    }
  }

  // A supervisor that does not answer has been stopped. It is killed with everything that it keeps.
  async #endByForce(): Promise<void> {
    const { pid } = this.#process;
    // Orphans become children of the guard, which must end last.
    if (pid !== undefined) await killAllBelow(pid);
    signalChild(this.#process, 'SIGKILL');
    await this.#gone;
  }

  // If the guard has been killed too, the orphans are below this process.
  async #sweepAlone(): Promise<void> {
    if (this.#state !== 'ending') await killSessionsBelow(process.pid, this.#sessions);
  }

  get #sessions(): ReadonlySet<number> {
    return new Set([...this.#runs.values()].map(({ pid }) => pid).filter((pid) => pid > 0));
  }

  #lose(): void {
    if (this.#state !== 'ending') this.#lost.abort(this.#loss());
    this.#rpc.end();
  }

  #loss(): TcpcloseError {
    const { pid, lastWords } = this.#rpc;
    const words = String(lastWords);
    const remedy = ': raise the limits of processes, memory and open files (see "ulimit -a")';
    const what =
      pid === undefined
        ? `the process that runs the command could not start${words}${endsWithRemedy(words) ? '' : remedy}`
        : `the process that runs the command has ended, and the command with it${lastWords}: run it again`;
    return new TcpcloseError('supervisor-lost', what);
  }
}
