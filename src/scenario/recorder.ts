import type { Host } from '../lab/host.ts';
import type { Teardown } from '../lab/teardown.ts';
import { Witness } from '../lab/witness.ts';
import type { Need } from './needs.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';

/** Has a run witnessed, if its scenario or whoever runs it wants that. */
export class Recorder {
  readonly #mode: 'off' | 'for the scenario' | 'to be told';
  readonly #options: RunOptions;
  readonly #teardown: Teardown;
  #witness: Witness | undefined;

  constructor({ needs }: Scenario, options: RunOptions, teardown: Teardown) {
    const wanted = options.record === 'packets';
    this.#mode = wanted ? 'to be told' : needs.includes('packets') ? 'for the scenario' : 'off';
    this.#options = options;
    this.#teardown = teardown;
  }

  get needs(): readonly Need[] {
    return this.#mode === 'off' ? [] : ['packets'];
  }

  async open(host: Host): Promise<Witness | undefined> {
    if (this.#mode === 'off') return undefined;
    const depth = this.#mode === 'to be told' ? 'traced where allowed' : 'headers';
    this.#witness = await Witness.open(host, depth, this.#teardown);
    return this.#witness;
  }

  /** Emits what was recorded. An interrupted run tells what there was of it. */
  async tell(): Promise<void> {
    if (this.#mode !== 'to be told' || this.#witness === undefined) return;
    try {
      this.#options.emit({ type: 'recorded', recording: await this.#witness.testimony() });
    } catch (error) {
      // It died with the run, which has more to say of it.
      if (!this.#options.signal.aborted) throw error;
    }
  }
}
