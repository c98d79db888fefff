import type { SuiteEvent } from '../../events.ts';

interface Running {
  readonly name: string;
  readonly startedAt: number;
}

/** The measured runs of one scenario, and its own estimate. */
interface Known {
  readonly takesMs: number;
  waiting: number;
  rounds: number;
  measuredMs: number;
}

/**
 * How long a suite will still take, from its events: for a scenario that has run here its measured time, for the others their own estimate
 * at the pace of those that have ended; divided by the number of scenarios that run at once.
 */
export class TimeLeft {
  readonly #known = new Map<string, Known>();
  readonly #running = new Map<string, Running>();
  #atOnce = 1;

  on(event: SuiteEvent, now = performance.now()): void {
    if (event.type === 'suite started') this.#begin(event.scenarios);
    if (event.type !== 'of scenario' && event.type !== 'again') return;
    const { scenario: name, round } = event;
    const key = `${name} ${round}`;
    const known = this.#known.get(name);
    if (known === undefined) return;
    if (event.type === 'again') {
      this.#running.delete(key);
      known.waiting += 1;
      return;
    }
    const running = this.#running.get(key) ?? { name, startedAt: now };
    if (!this.#running.has(key)) known.waiting -= 1;
    this.#running.set(key, running);
    this.#atOnce = Math.max(this.#atOnce, this.#running.size);
    if (event.event.type !== 'run finished') return;
    this.#running.delete(key);
    // A skipped scenario says nothing about the time of others.
    if (event.event.outcome.state === 'skipped') return;
    known.rounds += 1;
    known.measuredMs += now - running.startedAt;
  }

  /** 0 if everything that is left should have ended. */
  leftMs(now = performance.now()): number {
    const pace = this.#pace();
    const expectedMs = ({ rounds, measuredMs, takesMs }: Known) =>
      rounds > 0 ? measuredMs / rounds : takesMs * pace;
    let [longest, total] = [0, 0];
    for (const { name, startedAt } of this.#running.values()) {
      const known = this.#known.get(name);
      const left = known === undefined ? 0 : Math.max(0, expectedMs(known) - (now - startedAt));
      [longest, total] = [Math.max(longest, left), total + left];
    }
    for (const known of this.#known.values()) {
      if (known.waiting === 0) continue;
      longest = Math.max(longest, expectedMs(known));
      total += known.waiting * expectedMs(known);
    }
    return Math.max(longest, total / this.#atOnce);
  }

  #begin(members: Extract<SuiteEvent, { type: 'suite started' }>['scenarios']): void {
    for (const { name, takesMs } of members) {
      const known = this.#known.get(name) ?? { takesMs, waiting: 0, rounds: 0, measuredMs: 0 };
      known.waiting += 1;
      this.#known.set(name, known);
    }
  }

  /** How much longer the scenarios take here than their own estimates. */
  #pace(): number {
    let [measured, said] = [0, 0];
    for (const { rounds, measuredMs, takesMs } of this.#known.values()) {
      measured += measuredMs;
      said += rounds * takesMs;
    }
    return said === 0 ? 1 : measured / said;
  }
}
