import type { Emit, MovedCounters } from '../../events.ts';
import { movements, parseCounters, readCounterText } from '../../observe/counters/counters.ts';
import { thisMachine } from '../hosts/host.ts';
import type { RunHost } from '../hosts/run-host.ts';

/** What the kernel has counted on the hosts of a run since this was created. */
export class CounterWatch {
  readonly #begun: readonly (readonly [RunHost, string])[];
  readonly #emit: Emit;
  readonly #signal: AbortSignal;

  private constructor(begun: readonly (readonly [RunHost, string])[], emit: Emit, signal: AbortSignal) {
    this.#begun = begun;
    this.#emit = emit;
    this.#signal = signal;
  }

  /** @internal */
  static async begin(topology: readonly RunHost[], emit: Emit, signal: AbortSignal): Promise<CounterWatch> {
    const read = async (runHost: RunHost) => [runHost, await readCounterText(runHost.host, signal)] as const;
    return new CounterWatch(await Promise.all(topology.map(read)), emit, signal);
  }

  /** How much a counter has increased, over all hosts of the run: `TCPTimeWaitOverflow`. 0 if the kernel does not have it. */
  async moved(name: string): Promise<number> {
    const all = await this.#compare(name);
    return all.flatMap(({ moved }) => moved).reduce((sum, one) => sum + (one.name === name ? one.by : 0), 0);
  }

  /** Every counter that has changed, by host. */
  all(): Promise<MovedCounters[]> {
    return this.#compare(null);
  }

  #compare(counter: string | null): Promise<MovedCounters[]> {
    const compare = async ([{ host }, before]: readonly [RunHost, string]): Promise<MovedCounters> => {
      const after = await readCounterText(host, this.#signal);
      this.#emit({ type: 'counted', host: host.name, counter, before, after });
      return {
        host: host.name,
        scope: host === thisMachine ? 'the whole machine' : 'this run',
        moved: movements(parseCounters(before), parseCounters(after)),
      };
    };
    return Promise.all(this.#begun.map(compare));
  }
}
