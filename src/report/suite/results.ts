import type { Check, Environment, Outcome, SuiteEvent } from '../../events.ts';

/** What became of one scenario. */
export interface Result {
  readonly scenario: string;
  readonly topic: string;
  readonly round: number;
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  readonly durationMs: number;
  /** How often it ran: again if it was too slow to see. */
  readonly attempts: number;
}

/** Gathers the events of a suite into one result for each scenario. */
export class Results {
  readonly finished: Result[] = [];
  environment: Environment | null = null;
  /** How many runs were planned. */
  total = 0;
  /** The checks of what has begun and not ended. */
  readonly #running = new Map<string, Check[]>();
  /** How often each has begun before. */
  readonly #again = new Map<string, number>();

  /** How many of them have not begun. */
  get neverRun(): number {
    return this.total - this.finished.length - this.#running.size;
  }

  /** The names of what has begun and not ended. */
  get running(): string[] {
    return [...this.#running.keys()].map((key) => key.slice(0, key.lastIndexOf(' ')));
  }

  /** Takes an event in; gives the result where it is the last one of a scenario. */
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

/** `order/server-first`, and which time where it ran more than once. */
export function titleOf({ topic, scenario, round }: Result): string {
  return round === 1 ? `${topic}/${scenario}` : `${topic}/${scenario} (round ${round})`;
}
