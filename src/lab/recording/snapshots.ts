import type { Emit } from '../../events.ts';
import { type Snapshot, takeSnapshot } from '../../observe/observer.ts';
import type { Host } from '../hosts/host.ts';
import type { RunHost } from '../hosts/run-host.ts';

interface Reading {
  readonly snapshot: Snapshot;
  readonly ports: string;
  readonly stimuliMade: number;
}

/** Reads the tables of the hosts of a run. A reading is reused until the next stimulus. */
export class Snapshots {
  readonly #topology: readonly RunHost[];
  readonly #emit: Emit;
  readonly #signal: AbortSignal;
  readonly #last = new Map<Host, Reading>();
  #stimuliMade = 0;

  constructor(topology: readonly RunHost[], emit: Emit, signal: AbortSignal) {
    this.#topology = topology;
    this.#emit = emit;
    this.#signal = signal;
  }

  /** A stimulus makes earlier readings out of date. */
  outdate(): void {
    this.#stimuliMade++;
  }

  /** A reading of the host's table, never older than the last stimulus; `fresh` always reads again. */
  async look(
    host: Host,
    ports: readonly number[],
    age: 'since the last stimulus' | 'fresh',
  ): Promise<Snapshot> {
    const last = this.#last.get(host);
    const [key, stimuliMade] = [ports.join(), this.#stimuliMade];
    if (age !== 'fresh' && last?.ports === key && last.stimuliMade === stimuliMade) return last.snapshot;
    const { observer } = this.#runHostOf(host);
    const taken = await takeSnapshot(observer, ports, this.#signal).catch((error: unknown) => {
      throw host.gone ?? error;
    });
    const snapshot = { ...taken, command: [...host.prefix, taken.command].join(' ') };
    this.#last.set(host, { snapshot, ports: key, stimuliMade });
    return snapshot;
  }

  /** Reports a reading that a check rests on. */
  show(host: Host, snapshot: Snapshot): void {
    this.#emit({ type: 'snapshot', host: host.name, snapshot });
  }

  /** The command that shows the same in another terminal; null until there is a port to look at. */
  command(ports: readonly number[]): string | null {
    if (ports.length === 0) return null;
    return this.#topology
      .map(({ host, observer }) => [...host.prefix, observer.command(ports)].join(' '))
      .join('; ');
  }

  #runHostOf(host: Host): RunHost {
    const runHost = this.#topology.find((runHost) => runHost.host === host);
    if (runHost === undefined) throw new TypeError(`${host.name} is not a host of this run`);
    return runHost;
  }
}
