import type { Run } from '../../src/restart/run.ts';
import { Supervisor, type Watch } from '../../src/restart/supervisor.ts';
import type { Call } from '../../src/supervisor/calls/call.ts';

/** Supervisors that a test file makes, which end with each test. */
export class Supervisors {
  readonly #made: Supervisor[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  make(watch?: Watch): Supervisor {
    const made = new Supervisor(watch);
    this.#made.push(made);
    return made;
  }

  start(supervisor: Supervisor, words: readonly string[], more: Record<string, string> = {}): Promise<Run> {
    const environment = { ...process.env, ...more } as Record<string, string>;
    return supervisor.start({ words, folder: this.#folder, environment, ready: /^ready$/ });
  }

  /** Runs a command to its end, and gives its calls. */
  async callsOf(...words: readonly string[]): Promise<readonly Call[]> {
    const supervisor = this.make();
    const run = await this.start(supervisor, words);
    await run.exited;
    await supervisor.settled();
    if (supervisor.watching.state === 'off') throw new Error(supervisor.watching.reason);
    return run.calls;
  }

  async end(): Promise<void> {
    await Promise.all(this.#made.splice(0).map((supervisor) => supervisor.end()));
  }
}
