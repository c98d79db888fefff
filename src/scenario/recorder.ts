import type { Topology } from '../lab/hosts/run-host.ts';
import type { Manner } from '../lab/process/peer-pool.ts';
import { Capture } from '../lab/recording/capture.ts';
import type { Teardown } from '../lab/teardown.ts';
import type { Need } from './needs.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';

/** Captures a run, if its scenario or the caller wants that. */
export class Recorder {
  readonly #mode: 'off' | 'for the scenario' | 'to be told';
  readonly #options: RunOptions;
  readonly #teardown: Teardown;
  #capture: Capture | undefined;

  constructor({ needs }: Scenario, options: RunOptions, teardown: Teardown) {
    const wanted = options.record === 'packets';
    this.#mode = wanted ? 'to be told' : needs.includes('packets') ? 'for the scenario' : 'off';
    this.#options = options;
    this.#teardown = teardown;
  }

  get needs(): readonly Need[] {
    return this.#mode === 'off' ? [] : ['packets'];
  }

  /** How peers share the processor with the capture. */
  get manner(): Manner {
    return this.#mode === 'to be told' ? 'gives way' : 'ordinary';
  }

  /** Packets are recorded on the server's host, which all of them pass. */
  async open({ server, client }: Topology): Promise<Capture | undefined> {
    if (this.#mode === 'off') return undefined;
    const depth = this.#mode === 'to be told' ? 'everything' : 'headers';
    const others = client.host === server.host ? [] : [client.host];
    this.#capture = await Capture.open([server.host, ...others], { depth }, this.#teardown);
    return this.#capture;
  }

  /** Emits the recording, also that of an interrupted run. */
  async tell(): Promise<void> {
    if (this.#mode !== 'to be told' || this.#capture === undefined) return;
    // The connections of an interrupted run live on until the teardown.
    const then = this.#options.signal.aborted ? 'ends' : 'goes on';
    try {
      this.#options.emit({ type: 'recorded', recording: await this.#capture.flush(then) });
    } catch (error) {
      // It died with the run, whose outcome says why.
      if (!this.#options.signal.aborted) throw error;
    }
  }
}
