import type { Check, Environment, Outcome, SuiteEvent } from '../../events.ts';

/** The result of one scenario. */
export interface Result {
  readonly scenario: string;
  readonly topic: string;
  readonly round: number;
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  readonly durationMs: number;
  /** How many times it ran: more than once if it was too slow to be seen. */
  readonly attempts: number;
}

/** Collects the events of a suite in one result for each scenario. */
export class Results {
  readonly finished: Result[] = [];
  environment: Environment | null = null;
  /** The number of planned runs. */
  total = 0;
  /** The checks of runs that have begun but not ended. */
  readonly #running = new Map<string, Check[]>();
  /** How many times each run has begun. */
  readonly #again = new Map<string, number>();

  /** The number of planned runs that have not begun. */
  get neverRun(): number {
    return this.total - this.finished.length - this.#running.size;
  }

  /** The names of runs that have begun but not ended. */
  get running(): string[] {
    return [...this.#running.keys()].map((key) => key.slice(0, key.lastIndexOf(' ')));
  }

  /** Takes an event; returns the result if it is the last one of a scenario. */
  on(event: SuiteEvent): Result | undefined {
    if (event.type === 'suite started') this.total = event.scenarios.length;
    if (event.type !== 'of scenario' && event.type !== 'again') return undefined;
    const { scenario, topic, round } = event;
    const key = `${scenario} ${round}`;
    if (event.type === 'again') {
      this.#running.delete(key);
      this.#again.set(key, (this.#again.get(key) ?? 0) + 1);
      return undefined;
    }
    const checks = this.#running.get(key) ?? [];
    this.#running.set(key, checks);
    switch (event.event.type) {
      case 'run started':
        this.environment ??= event.event.environment;
        return undefined;
      case 'check':
        checks.push(event.event.check);
        return undefined;
      case 'run finished': {
        const { outcome, durationMs } = event.event;
        const attempts = (this.#again.get(key) ?? 0) + 1;
        const result = { scenario, topic, round, outcome, checks, durationMs, attempts };
        this.#running.delete(key);
        this.finished.push(result);
        return result;
      }
      default:
        return undefined;
    }
  }
}

export function contradictions({ checks }: Result): Check[] {
  return checks.filter(({ verdict }) => verdict === 'contradicted');
}

/** `order/server-first`, and the number of the run if there were several. */
export function titleOf({ topic, scenario, round }: Result): string {
  return round === 1 ? `${topic}/${scenario}` : `${topic}/${scenario} (round ${round})`;
}
