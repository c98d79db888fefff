import { type ChildProcess, spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import { debugProgram } from '../../debug.ts';
import { messageOf } from '../../errors.ts';
import { asExit, type Exit } from '../../lab/process/exit.ts';
import { signalGroup } from '../../native/signal.ts';
import { startTied } from '../../native/tie.ts';
import { ownFileProgram } from '../../package.ts';
import { errorOf } from './carried-error.ts';
import { howItEnded } from './how-it-ended.ts';
import type { FromProcess, ToProcess } from './messages.ts';
import { type Fault, Pulse } from './pulse.ts';

/** How the process of a user's own file ended; `stopped` by tcpclose, before its scenario had begun. */
export type Ending =
  | { readonly state: 'ended by itself'; readonly exit: Exit }
  | { readonly state: Fault | 'stopped' };

type Forced = Exclude<Ending['state'], 'ended by itself'>;

/**
 * The process of a user's own file. It has the standard streams, folder and environment of this one, and a session of its own: Ctrl-C reaches
 * tcpclose alone. However this process ends, the kernel ends that one.
 */
export class OwnProcess {
  readonly #argument: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ending>;
  readonly #pulse: Pulse | undefined;
  #listening: Disposable | undefined;
  #hear: (message: FromProcess) => void = () => {};
  #state: 'loading' | 'running' = 'loading';
  #forced: Forced | undefined;

  /** `argument`: the file, for people who look at the processes. */
  constructor(argument: string) {
    this.#argument = argument;
    const { child } = startTied((inherit) =>
      spawn(process.execPath, [ownFileProgram, argument], {
        stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...inherit],
        detached: true,
        serialization: 'advanced',
      }),
    );
    debugProgram(child);
    this.#child = child;
    this.#ended = this.#untilEnded();
    // Nothing may wait for it yet.
    this.#ended.catch(() => {});
    if (child.pid === undefined) return;
    const ask = () => this.#tell({ type: 'turn' });
    this.#pulse = new Pulse({ pid: child.pid, ask, onFault: (fault) => this.#kill(fault) });
    child.on('message', (message: FromProcess) => {
      if (message.type === 'turn') this.#pulse?.answered();
      this.#hear(message);
    });
  }

  /**
   * Sends a message, and passes on what comes until `hear` finds the answer in it. If the signal aborts, or the time is over, the process is
   * stopped: by itself if its scenario runs and it can.
   * @throws what failed there; `howItEnded` if it ends before; the system's error if it could not be started
   */
  async ask<Answer>(
    message: ToProcess,
    { signal, limitMs }: { readonly signal: AbortSignal; readonly limitMs: number },
    hear: (message: FromProcess) => Answer | undefined,
  ): Promise<Answer> {
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#hear = (said) => {
        try {
          if (said.type === 'failed') throw errorOf(said.error);
          const answer = hear(said);
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
    });
    if (message.type === 'run') this.#state = 'running';
    const limit = setTimeout(() => this.#stop(), Math.min(limitMs + marginMs, longestTimerMs));
    this.#endAt(signal);
    this.#tell(message);
    try {
      return await Promise.race([
        answered,
        this.#ended.then((ending) => {
          throw howItEnded(this.#argument, ending, limitMs);
        }),
      ]);
    } finally {
      clearTimeout(limit);
    }
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    this.#kill('stopped');
    await this.#ended.catch(() => {});
  }

  /** Waits until it has ended by itself, as it does after its run, unless its file keeps it from that. */
  async gone(): Promise<void> {
    const limit = setTimeout(() => this.#kill('stopped'), endsWithinMs);
    await this.#ended.catch(() => {});
    clearTimeout(limit);
  }

  /** From now on, and instead of an earlier one, this signal stops it. */
  #endAt(signal: AbortSignal): void {
    this.#listening?.[Symbol.dispose]();
    this.#listening = addAbortListener(signal, () => {
      this.#tell({ type: 'stop', reason: messageOf(signal.reason) });
      this.#stop();
    });
  }

  async #untilEnded(): Promise<Ending> {
    try {
      const exit = await exitOf(this.#child);
      return this.#forced === undefined ? { state: 'ended by itself', exit } : { state: this.#forced };
    } finally {
      // What the file has started, and not ended.
      signalGroup(this.#child, 'SIGKILL');
      this.#pulse?.end();
      this.#listening?.[Symbol.dispose]();
    }
  }

  // While the file is loaded there is nothing to be torn down.
  #stop(): void {
    if (this.#state === 'loading') this.#kill('stopped');
    this.#pulse?.toStop();
  }

  #kill(why: Forced): void {
    this.#forced ??= why;
    signalGroup(this.#child, 'SIGKILL');
  }

  // A process that has just ended hears nothing, and one that could not be started has no channel.
  #tell(message: ToProcess): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

const endsWithinMs = 3000;
/** For the process to keep its time limit by itself. */
const marginMs = 1000;
/** Node takes a longer one for 1 ms. */
const longestTimerMs = 2 ** 31 - 1;

/** How it ended, once its last message is there. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      const exit = asExit(status, signal);
      if (child.connected) child.once('disconnect', () => resolve(exit));
      else resolve(exit);
    });
  });
}
