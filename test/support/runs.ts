import type { Check, Event, Outcome, SuiteEvent } from '../../src/events.ts';
import { type Result, Results } from '../../src/report/suite/results.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { type RunOptions, runScenario } from '../../src/scenario/run.ts';
import { runSuite, type SuiteOptions } from '../../src/scenario/suite.ts';

export interface Run {
  readonly outcome: Outcome;
  readonly events: readonly Event[];
  readonly checks: readonly Check[];
  readonly contradicted: readonly Check[];
}

/** Runs one scenario to its end, as a test wants it. */
export async function run(loaded: LoadedScenario, options: Partial<RunOptions> = {}): Promise<Run> {
  const events: Event[] = [];
  const outcome = await runScenario(loaded, {
    parameters: {},
    address: '127.0.0.1',
    port: undefined,
    observer: 'auto',
    network: 'host',
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    patienceMs: 20_000,
    ...options,
  });
  const checks = events.flatMap((event) => (event.type === 'check' ? [event.check] : []));
  return {
    outcome,
    events,
    checks,
    contradicted: checks.filter(({ verdict }) => verdict === 'contradicted'),
  };
}

export interface SuiteRun {
  readonly outcome: Outcome['state'];
  readonly events: readonly SuiteEvent[];
  readonly finished: readonly Result[];
}

/** Runs them as the program does: what was too slow to be seen runs again alone. */
export async function runAll(
  scenarios: readonly LoadedScenario[],
  options: Partial<SuiteOptions> = {},
): Promise<SuiteRun> {
  const events: SuiteEvent[] = [];
  const results = new Results();
  const outcome = await runSuite(scenarios, {
    address: '127.0.0.1',
    observer: 'auto',
    signal: new AbortController().signal,
    emit: (event) => {
      events.push(event);
      results.on(event);
    },
    rounds: 1,
    order: 'duration',
    // Others may be at work on the machine.
    timeoutMs: 400_000,
    required: [],
    ...options,
  });
  return { outcome, events, finished: results.finished };
}
