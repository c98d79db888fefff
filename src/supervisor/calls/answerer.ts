/**
 * Answers the calls that wait, on a thread that does nothing else. It looks at each call and then continues it, whatever it saw, and even
 * after an error. It never answers in place of the kernel.
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
import { type Witness, witnessesOf } from './witnesses.ts';

const idleMs = 1000;

/** What the thread is started with. */
export interface AnswererData {
  readonly waker: number;
  /** What happens to a program that would lose its privileges: it is killed before it runs, or continues without them. */
  readonly privileged: 'is killed' | 'continues';
}

export class Answerer {
  readonly #port: MessagePort;
  readonly #waker: number;
  readonly #privileged: AnswererData['privileged'];
  readonly #tables = new Tables();
  readonly #expecting = new Expecting(this.#tables);
  readonly #outcomes: Outcomes;
  #settling: { readonly id: number; readonly last: number }[] = [];
  #notifications: number | undefined;
  #count = 0;

  constructor(port: MessagePort, { waker, privileged }: AnswererData) {
    this.#port = port;
    this.#privileged = privileged;
    this.#waker = waker;
    this.#outcomes = new Outcomes(this.#tables, (call, session) =>
      this.#send({ message: 'call', call, session }),
    );
  }

  /** Runs until the process ends. */
  run(): never {
    // If this fails, the calls cannot be seen either.
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
      if (message.request === 'settle') this.#settling.push({ id: message.id, last: this.#count });
      else {
        wakeAtOnce(message.fd);
        this.#notifications = message.fd;
      }
    }
  }

  #answer(fd: number): void {
    const notification = receiveNotification(fd);
    if (notification === undefined) return;
    const program = privilegedExecution(notification);
    if (program !== undefined && stillWaits(fd, notification)) {
      this.#send({ message: 'disturbs', program });
      if (this.#privileged === 'continues') {
        letGo(fd, notification);
        return;
      }
      // If it continued, it would run without its privileges; and the supervisor may be waiting for this execve(2).
      sendSignal(callerOf(notification.thread)?.pid ?? notification.thread, 'SIGKILL');
      return;
    }
    const seen = this.#see(fd, notification);
    if (seen !== undefined) this.#expecting.letGo(seen.sight);
    const outcome = letGo(fd, notification);
    if (seen === undefined || outcome === 'gone') return;
    const { sight, expectation, at, witnesses } = seen;
    const record = recordOf(sight, ++this.#count, at);
    if (witnesses.length > 0) this.#send({ message: 'witnesses', number: record.number, witnesses });
    this.#outcomes.add(sight, { ...record, inTheWay: expectation.inTheWay }, expectation.result);
  }

  // A failure to look, even an error in tcpclose, must not keep the call waiting.
  #see(fd: number, notification: Notification): Seen | undefined {
    try {
      const at = monotonicMs();
      const sight = look(notification);
      // If the thread has ended since, the data may belong to another one.
      if (sight === undefined || !stillWaits(fd, notification)) return undefined;
      this.#outcomes.settleEarlier(sight);
      const expectation = this.#expecting.of(sight);
      const fails = expectation.result !== null && expectation.result !== 'ok';
      const witnesses = fails ? witnessesOf(sight.caller.pid, expectation.inTheWay) : [];
      return { sight, at, expectation, witnesses };
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
  readonly witnesses: readonly Witness[];
}
