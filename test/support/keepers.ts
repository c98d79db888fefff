import type { Call } from '../../src/keeper/calls/call.ts';
import { Keeper, type Run, type Watch } from '../../src/restart/keeper.ts';

/** Keepers that a test file makes, which end with each test. */
export class Keepers {
  readonly #made: Keeper[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  make(watch?: Watch): Keeper {
    const made = new Keeper(watch);
    this.#made.push(made);
    return made;
  }

  start(keeper: Keeper, words: readonly string[], more: Record<string, string> = {}): Promise<Run> {
    const environment = { ...process.env, ...more } as Record<string, string>;
    return keeper.start({ words, folder: this.#folder, environment, ready: /^ready$/ });
  }

  /** Runs a command to its end, and gives its calls. */
  async callsOf(...words: readonly string[]): Promise<readonly Call[]> {
    const keeper = this.make();
    const run = await this.start(keeper, words);
    await run.exited;
    await keeper.settled();
    if (keeper.watching.state === 'off') throw new Error(keeper.watching.reason);
    return run.calls;
  }

  async end(): Promise<void> {
    await Promise.all(this.#made.splice(0).map((keeper) => keeper.end()));
  }
}
