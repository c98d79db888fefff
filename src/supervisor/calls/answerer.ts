/**
 * Answers the calls that wait, on a thread of its own which does nothing else: each is looked at, and let go whatever was seen
 * or went wrong. Nothing is ever decided in its stead.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { monotonicMs } from '../../native/clock.ts';
import { resetWaker } from '../../native/eventfd.ts';
import { waitForInput } from '../../native/poll.ts';
import {
  letGo,
  type Notification,
  receiveNotification,
  stillWaits,
  wakeAtOnce,
} from '../../native/seccomp-notification.ts';
import { sendSignal } from '../../native/signal.ts';
import { callerOf } from './caller.ts';
import { type Expectation, Expecting } from './expecting.ts';
import type { Message, Request } from './messages.ts';
import { Outcomes } from './outcomes.ts';
import { privilegedExecution } from './privileged.ts';
import { look, recordOf, type Sight } from './sight.ts';
import { Tables } from './tables.ts';
import { warmUp } from './warm-up.ts';

const idleMs = 1000;

export class Answerer {
  readonly #port: MessagePort;
  readonly #waker: number;
  readonly #tables = new Tables();
  readonly #expecting = new Expecting(this.#tables);
  readonly #outcomes: Outcomes;
  #settling: { readonly id: number; readonly last: number }[] = [];
  #notifications: number | undefined;
  #count = 0;

  constructor(port: MessagePort, waker: number) {
    this.#port = port;
    this.#waker = waker;
    this.#outcomes = new Outcomes(this.#tables, (call, session) =>
      this.#send({ message: 'call', call, session }),
    );
  }

  /** Until the process ends. */
  run(): never {
    // What fails here is not seen of the calls, either.
    try {
      warmUp(this.#tables);
    } catch {}
    this.#send({ message: 'up' });
    for (;;) {
      const fds = this.#notifications === undefined ? [this.#waker] : [this.#notifications, this.#waker];
      const ready = waitForInput(fds, this.#outcomes.nextLookInMs(monotonicMs()) ?? idleMs);
      if (ready.includes(this.#waker)) this.#hear();
      if (this.#notifications !== undefined && ready.includes(this.#notifications))
        this.#answer(this.#notifications);
      else this.#outcomes.look(monotonicMs());
      this.#tellSettled();
    }
  }

  #hear(): void {
    resetWaker(this.#waker);
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: Request } | undefined;
      if (received === undefined) return;
      const { message } = received;
      if (message.request === 'answer') this.#begin(message.fd);
      else this.#settling.push({ id: message.id, last: this.#count });
    }
  }

  #begin(fd: number): void {
    wakeAtOnce(fd);
    this.#notifications = fd;
  }

  #answer(fd: number): void {
    const notification = receiveNotification(fd);
    if (notification === undefined) return;
    const program = privilegedExecution(notification);
    if (program !== undefined && stillWaits(fd, notification)) {
      // Let go, it would run without its rights; and the supervisor may be waiting for this very execve(2).
      sendSignal(callerOf(notification.thread)?.pid ?? notification.thread, 'SIGKILL');
      this.#send({ message: 'disturbs', program });
      return;
    }
    const seen = this.#see(fd, notification);
    if (seen?.sight.call === 'bind') this.#expecting.letGo(seen.sight, seen.at);
    const outcome = letGo(fd, notification);
    if (seen === undefined || outcome === 'gone') return;
    const { sight, expectation, at } = seen;
    const record = recordOf(sight, ++this.#count, at);
    this.#outcomes.add(sight, { ...record, inTheWay: expectation.inTheWay }, expectation.result);
  }

  // Whatever cannot be seen, and be it for an error of ours, must not keep the call.
  #see(fd: number, notification: Notification): Seen | undefined {
    try {
      const at = monotonicMs();
      const sight = look(notification);
      // What was read may be another's, if the thread has ended meanwhile.
      if (sight === undefined || !stillWaits(fd, notification)) return undefined;
      this.#outcomes.settleEarlier(sight);
      return { sight, at, expectation: this.#expecting.of(sight, at) };
    } catch {
      return undefined;
    }
  }

  #tellSettled(): void {
    const first = this.#outcomes.firstUnknown();
    const known = this.#settling.filter(({ last }) => first === undefined || first > last);
    if (known.length === 0) return;
    this.#settling = this.#settling.filter((request) => !known.includes(request));
    for (const { id } of known) this.#send({ message: 'settled', id });
  }

  #send(message: Message): void {
    this.#port.postMessage(message);
  }
}

interface Seen {
  readonly sight: Sight;
  readonly expectation: Expectation;
  readonly at: number;
}
