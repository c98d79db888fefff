import { sessionOf, startTicksOf } from '../observe/proc/status.ts';
import { descendantsOf, type Process } from '../observe/processes.ts';

/**
 * The processes that were below the supervisor at one moment, and what they have started since: by pid and the time they were started,
 * since pids are given again.
 */
export class Generation {
  readonly #started = new Map<number, number | undefined>();
  readonly #sessions = new Set<number>();

  constructor(processes: Iterable<{ readonly pid: number }>) {
    for (const { pid } of processes) this.#add(pid);
  }

  has(pid: number): boolean {
    return this.#started.has(pid) && this.#started.get(pid) === startTicksOf(pid);
  }

  /**
   * The living processes below a root that are not of this generation. What is seen as a child of one that is, or in a session of
   * one, belongs to it from then on, for it may lose its parent: so this is to be asked again and again.
   */
  youngerBelow(root: number): Process[] {
    // Parents come before their children.
    return descendantsOf(root).filter(({ pid, parent }) => {
      if (!this.has(pid) && !this.has(parent) && !this.#sessions.has(sessionOf(pid))) return true;
      this.#add(pid);
      return false;
    });
  }

  // Each start has a session of its own, and so has whoever went into the background: a session is never shared with a later start.
  #add(pid: number): void {
    this.#started.set(pid, startTicksOf(pid));
    const session = sessionOf(pid);
    if (session > 0) this.#sessions.add(session);
  }
}
