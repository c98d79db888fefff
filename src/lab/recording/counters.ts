import type { MovedCounters } from '../../events.ts';
import { type Counters, movements, readCounters } from '../../observe/counters/counters.ts';
import { thisMachine } from '../hosts/host.ts';
import type { RunHost } from '../hosts/run-host.ts';

/** What the kernel has counted on the hosts of a run since this was made. */
export class CounterWatch {
  readonly #begun: readonly (readonly [RunHost, Counters])[];
  readonly #signal: AbortSignal;

  private constructor(begun: readonly (readonly [RunHost, Counters])[], signal: AbortSignal) {
    this.#begun = begun;
    this.#signal = signal;
  }

  /** @internal */
  static async begin(topology: readonly RunHost[], signal: AbortSignal): Promise<CounterWatch> {
    const read = async (runHost: RunHost) => [runHost, await readCounters(runHost.host, signal)] as const;
    return new CounterWatch(await Promise.all(topology.map(read)), signal);
  }

  /** How far a counter has moved, on all hosts of the run together: `TCPTimeWaitOverflow`. 0 where the kernel does not have it. */
  async moved(name: string): Promise<number> {
    const all = await this.all();
    return all.flatMap(({ moved }) => moved).reduce((sum, one) => sum + (one.name === name ? one.by : 0), 0);
  }

  /** Every counter that has moved, by host. */
  all(): Promise<MovedCounters[]> {
    const compare = async ([{ host }, before]: readonly [RunHost, Counters]): Promise<MovedCounters> => ({
      host: host.name,
      scope: host === thisMachine ? 'the whole machine' : 'this run',
      moved: movements(before, await readCounters(host, this.#signal)),
    });
    return Promise.all(this.#begun.map(compare));
  }
}
