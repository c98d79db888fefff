import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SystemCallError } from '../../native/errno.ts';
import { openWaker, wake } from '../../native/eventfd.ts';
import {
  filterCostsPrivileges,
  giveUpNewPrivileges,
  type WatchableCall,
  watchCalls,
  whyNotReadable,
  whyNotWatchable,
} from '../../native/seccomp.ts';
import type { Invocation } from '../runs.ts';
import type { AnswererData } from './answerer.ts';
import type { Call } from './call.ts';
import type { Message, Request } from './messages.ts';
import { privilegedProgramIn } from './privileged.ts';
import type { Witness } from './witnesses.ts';

/** The calls that are watched. */
const wanted: readonly WatchableCall[] = ['bind', 'listen'];

interface Listener {
  /** A call as known now, with the session of its process; it is reported again when its result is known. */
  call(call: Call, session: number): void;
  /** For a call that will fail because of the port, before its thread continues: the processes involved. */
  witnesses?(number: number, witnesses: readonly Witness[]): void;
  /** Watching would change the behaviour of the command, or cannot continue: the whole command must be killed. */
  disturbs(reason: string): void;
  /** A program gains privileges when executed, but cannot do so below a watched command of an ordinary user. */
  deprives(program: string): void;
}

/**
 * Watches the calls of everything that this thread starts from now on. The filter is on this thread, so the command
 * is started as always; the answering thread existed before the filter.
 */
export class CallWatch {
  readonly #worker: Worker;
  readonly #waker: number;
  readonly #settling = new Map<number, () => void>();
  #asked = 0;

  private constructor(worker: Worker, waker: number, listener: Listener) {
    this.#worker = worker;
    this.#waker = waker;
    worker.on('message', (message: Message) => this.#hear(message, listener));
    worker.unref();
  }

  static async begin(
    command: Invocation,
    listener: Listener,
    privileged: AnswererData['privileged'] = 'is killed',
  ): Promise<CallWatch | { readonly reason: string }> {
    const costs = filterCostsPrivileges();
    const reason = whyNotWatchable() ?? whyNotReadable() ?? (costs ? whyNotForCommand(command) : null);
    if (reason !== null) return { reason };
    const waker = openWaker();
    const workerData: AnswererData = { waker, privileged };
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData });
    const watch = new CallWatch(worker, waker, listener);
    const failed = await new Promise<Error | undefined>((resolve) => {
      worker.once('message', () => resolve(undefined)).once('error', resolve);
    });
    if (failed !== undefined)
      return { reason: `the thread that answers its calls has failed: ${failed.message}` };
    const calls: readonly WatchableCall[] = costs ? [...wanted, 'execve', 'execveat'] : wanted;
    try {
      if (costs) giveUpNewPrivileges();
      watch.#ask({ request: 'answer', fd: watchCalls(calls) });
      worker.once('error', ({ message }) =>
        listener.disturbs(`the thread that answers its calls has failed: ${message}`),
      );
      return watch;
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      return { reason: `seccomp(2) is refused here (${error.errno})` };
    }
  }

  /** Resolves when the results of all calls so far are known. */
  settled(): Promise<void> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#settling.set(id, resolve);
      this.#ask({ request: 'settle', id });
    });
  }

  /** Wakes the other thread. This process cannot end before it. */
  release(): void {
    wake(this.#waker);
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
    wake(this.#waker);
  }

  #hear(message: Message, listener: Listener): void {
    switch (message.message) {
      case 'up':
        break;
      case 'call':
        listener.call(message.call, message.session);
        break;
      case 'witnesses':
        listener.witnesses?.(message.number, message.witnesses);
        break;
      case 'settled':
        this.#settling.get(message.id)?.();
        this.#settling.delete(message.id);
        break;
      case 'disturbs':
        listener.deprives(message.program);
        break;
    }
  }
}

function whyNotForCommand(command: Invocation): string | null {
  const program = privilegedProgramIn(command);
  return program === undefined ? null : whyPrivileged(program);
}

export function whyPrivileged(program: string): string {
  return `${program} gains privileges when it is executed, which a program watched by an ordinary user cannot`;
}
