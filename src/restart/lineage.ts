import { sessionOf, startTicksOf } from '../observe/proc/status.ts';
import { descendantsOf, type Process } from '../observe/processes.ts';

/** The processes below the supervisor at one moment, and their later descendants, by pid and start time, because pids are reused. */
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
   * The living processes below a root that are not of this generation. A process that was once seen as a child of a member, or in its
   * session, remains a member, because it may lose its parent: so call this repeatedly.
   */
  youngerBelow(root: number): Process[] {
    // Parents come before their children.
    return descendantsOf(root).filter(({ pid, parent }) => {
      if (!this.has(pid) && !this.has(parent) && !this.#isInSession(pid)) return true;
      this.#add(pid);
      return false;
    });
  }

  // A member may have started a session since it was added; a session's number is the pid of its leader.
  #isInSession(pid: number): boolean {
    const session = sessionOf(pid);
    return this.#sessions.has(session) || this.#started.has(session);
  }

  // Each start has its own session, and so has a process in the background. No later start shares it.
  #add(pid: number): void {
    this.#started.set(pid, startTicksOf(pid));
    const session = sessionOf(pid);
    if (session > 0) this.#sessions.add(session);
  }
}
