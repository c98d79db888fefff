import { TcpcloseError } from '../errors.ts';
import { within } from '../time.ts';

/** A step takes a second or two, but the kernel may keep a process that cannot be killed now. */
const stepDeadlineMs = 30_000;

/**
 * What must be undone at the end, in reverse order. A step is registered before its setup is awaited, so an abort in the middle leaves
 * nothing behind. A step that is registered after the end runs at once.
 */
export class Teardown {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #state: 'standing' | 'taken down' = 'standing';

  add(step: () => Promise<void> | void): void {
    if (this.#state === 'standing') this.#steps.push(step);
    else void step();
  }

  /** Runs every step, even if some fail; throws the first failure at the end. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await within(stepDeadlineMs, Promise.resolve(step()), tooLong);
      } catch (error) {
        failures.push(error);
      }
    }
    this.#state = 'taken down';
    if (failures.length > 0) throw failures[0];
  }
}

function tooLong(): TcpcloseError {
  return new TcpcloseError(
    'not-torn-down',
    `a part of the run could not be ended within ${stepDeadlineMs / 1000} s: see what "ps" shows`,
  );
}
