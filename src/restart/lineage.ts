import { startTicksOf } from '../observe/proc/status.ts';
import { descendantsOf, type Process } from '../observe/processes.ts';

/** The processes that were below the keeper at one moment, by pid and the time they were started, since pids are given again. */
export class Generation {
  readonly #started = new Map<number, number | undefined>();

  constructor(processes: Iterable<{ readonly pid: number }>) {
    for (const { pid } of processes) this.#started.set(pid, startTicksOf(pid));
  }

  has(pid: number): boolean {
    return this.#started.has(pid) && this.#started.get(pid) === startTicksOf(pid);
  }

  /** The living processes below a root that are not of this generation, nor children of it. */
  youngerBelow(root: number): Process[] {
    const old = new Set<number>();
    // Parents come before their children.
    return descendantsOf(root).filter(({ pid, parent }) => {
      if (!old.has(parent) && !this.has(pid)) return true;
      old.add(pid);
      return false;
    });
  }
}
