import type { MovedCounters } from '../events.ts';
import { type Counters, movements, readCounters } from '../observe/counters/counters.ts';
import { thisMachine } from './host.ts';
import type { Station } from './station.ts';

/** What the kernel has counted on the hosts of a run since this was made. */
export class Counting {
  readonly #begun: readonly (readonly [Station, Counters])[];
  readonly #signal: AbortSignal;

  private constructor(begun: readonly (readonly [Station, Counters])[], signal: AbortSignal) {
    this.#begun = begun;
    this.#signal = signal;
  }

  /** @internal */
  static async begin(stations: readonly Station[], signal: AbortSignal): Promise<Counting> {
    const read = async (station: Station) => [station, await readCounters(station.host, signal)] as const;
    return new Counting(await Promise.all(stations.map(read)), signal);
  }

  /** How far a counter has moved, on all hosts of the run together: `TCPTimeWaitOverflow`. 0 where the kernel does not have it. */
  async moved(name: string): Promise<number> {
    const all = await this.all();
    return all.flatMap(({ moved }) => moved).reduce((sum, one) => sum + (one.name === name ? one.by : 0), 0);
  }

  /** Every counter that has moved, by host. */
  all(): Promise<MovedCounters[]> {
    const compare = async ([{ host }, before]: readonly [Station, Counters]): Promise<MovedCounters> => ({
      host: host.name,
      scope: host === thisMachine ? 'the whole machine' : 'this run',
      moved: movements(before, await readCounters(host, this.#signal)),
    });
    return Promise.all(this.#begun.map(compare));
  }
}
