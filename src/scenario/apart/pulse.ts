import { statFields } from '../../observe/proc/status.ts';
import { textOf } from '../../proc-files.ts';

const lookEveryMs = 500;
/** A scenario waits nearly all the time. Processor time of the main thread without a single turn of its event loop. */
export const loopMs = 10_000;
/** A process that is to stop, and makes no turn for this long, does not hear it. */
const deafMs = 2000;

export type Fault = 'loops' | 'is blocked';

interface Watched {
  readonly pid: number;
  /** Asks for a turn. */
  ask(): void;
  /** Called once. */
  onFault(fault: Fault): void;
}

/** Watches whether a process makes turns of its event loop: it is asked again and again, and answers in one. */
export class Pulse {
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #state: 'asked' | 'answered' = 'answered';
  #isToStop = false;
  #askedAt = 0;
  #usedMs = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    // If this process was stopped meanwhile, the answer is read between the timer and the immediate.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), lookEveryMs);
    this.#look();
  }

  answered(): void {
    this.#state = 'answered';
  }

  /** From now on a call that blocks is a fault as well, even one that uses no processor. */
  toStop(): void {
    this.#isToStop = true;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [now, usedMs] = [performance.now(), mainThreadMs(this.#watched.pid)];
    if (this.#state === 'answered') {
      [this.#state, this.#askedAt, this.#usedMs] = ['asked', now, usedMs];
      this.#watched.ask();
    } else if (usedMs - this.#usedMs >= loopMs) this.#fault('loops');
    else if (this.#isToStop && now - this.#askedAt >= deafMs) this.#fault('is blocked');
  }

  #fault(fault: Fault): void {
    this.end();
    this.#watched.onFault(fault);
  }
}

/** The utime and stime of proc_pid_stat(5), which are hundredths of a second; NaN if they cannot be read. */
function mainThreadMs(pid: number): number {
  const fields = statFields(textOf(`/proc/${pid}/task/${pid}/stat`));
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
