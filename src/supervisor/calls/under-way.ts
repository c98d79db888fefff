import type { Call } from './call.ts';
import { leftCall } from './left-call.ts';

const forgottenAfterMs = 1000;

/** The binds, or the listens, that were continued but may not have been executed yet, by port and thread. */
export class UnderWay {
  readonly #call: Call['call'];
  readonly #byPort = new Map<number, Map<number, number>>();

  constructor(call: Call['call']) {
    this.#call = call;
  }

  add(port: number, thread: number, at: number): void {
    if (port === 0) return;
    const threads = this.#byPort.get(port) ?? new Map<number, number>();
    threads.set(thread, at);
    this.#byPort.set(port, threads);
  }

  /** Whether a thread other than the caller may be about to bind the port, or to listen on it. */
  has(port: number, asking: number, now: number): boolean {
    const threads = this.#byPort.get(port);
    if (threads === undefined) return false;
    for (const [thread, at] of threads) {
      const isOver =
        thread === asking || now - at > forgottenAfterMs || leftCall(thread, this.#call) === 'left';
      if (isOver) threads.delete(thread);
    }
    if (threads.size === 0) this.#byPort.delete(port);
    return threads.size > 0;
  }
}
