import { monotonicMs } from '../../native/clock.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { leftCall, mayHaveRun } from './left-call.ts';

const forgottenAfterMs = 1000;

interface Continued {
  readonly caller: Caller;
  readonly since: number;
}

/** The binds, or the listens, that were continued but may not have been executed yet, by port and thread. */
export class UnderWay {
  readonly #call: Call['call'];
  readonly #byPort = new Map<number, Map<number, Continued>>();

  constructor(call: Call['call']) {
    this.#call = call;
  }

  add(port: number, caller: Caller): void {
    if (port === 0) return;
    const threads = this.#byPort.get(port) ?? new Map<number, Continued>();
    threads.set(caller.thread, { caller, since: monotonicMs() });
    this.#byPort.set(port, threads);
  }

  /** Whether a thread other than the caller may be about to bind the port, or to listen on it. */
  has(port: number, asking: number): boolean {
    const threads = this.#byPort.get(port);
    if (threads === undefined) return false;
    for (const [thread, { caller, since }] of threads) {
      const isForgotten = monotonicMs() - since > forgottenAfterMs && mayHaveRun(caller);
      if (thread === asking || isForgotten || leftCall(thread, this.#call) === 'left') threads.delete(thread);
    }
    if (threads.size === 0) this.#byPort.delete(port);
    return threads.size > 0;
  }

  /** Whether one of them has got no CPU since. */
  hasStarved(port: number): boolean {
    return [...(this.#byPort.get(port)?.values() ?? [])].some(({ caller }) => !mayHaveRun(caller));
  }
}
