import type { Emit, Outcome } from '../events.ts';
import type { Withheld } from '../lab/ends/stimulus.ts';
import type { LaunchPatience } from '../lab/hosts/launcher.ts';
import type { Network } from '../lab/hosts/topology.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import type { LoadedScenario } from './catalogue.ts';
import { Checks } from './checks.ts';
import { outcomeOf } from './outcome.ts';
import { ScenarioRun } from './scenario-run.ts';
import { runTasks } from './tasks.ts';

export interface RunOptions {
  /** Values for the scenario's parameters; those not given keep their defaults. */
  readonly parameters: Readonly<{ [name: string]: unknown }>;
  readonly address: string;
  /** The port of the first server; a free one if undefined. */
  readonly port: number | undefined;
  readonly observer: ObserverChoice;
  /** `own`: a network namespace; `two hosts`: two of them; even if the scenario does not need it. */
  readonly network: Network;
  /** How long its launchers may take (default: 30 s). */
  readonly launch?: LaunchPatience | undefined;
  readonly emit: Emit;
  /** Ends the run; its reason says why. */
  readonly signal: AbortSignal;
  /** How long an expectation waits before it is contradicted, in milliseconds. */
  readonly patienceMs?: number;
  /** What a contradicted check does to the run (default: `go on`). */
  readonly afterContradiction?: 'go on' | 'stop';
  /** A stimulus to leave out: a control experiment. */
  readonly withheld?: Withheld | undefined;
  /** The time limit of the run, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /**
   * `packets`: the run is recorded in a private network, and the recording is an event at its end; `headers`: only the headers of
   * segments, without states, which costs little (default: `nothing`).
   */
  readonly record?: 'nothing' | 'headers' | 'packets';
  /** Awaited before each step. */
  readonly beforeStep?: (signal: AbortSignal) => Promise<void>;
}

/** Runs one scenario and reports it by events. Whatever happens is an outcome; when it settles, nothing is left of the run. */
export async function runScenario(loaded: LoadedScenario, options: RunOptions): Promise<Outcome> {
  if (loaded.apart !== undefined) return loaded.apart(options);
  const { emit, timeoutMs, afterContradiction = 'go on' } = options;
  const startedAt = performance.now();
  const timeouts = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
  const signal = AbortSignal.any([options.signal, ...timeouts]);
  const checks = new Checks(emit, loaded.file, afterContradiction);
  const run = new ScenarioRun(loaded, { ...options, signal }, checks);
  const outcome = outcomeOf(await runTasks(run.tasks, signal), checks, options);
  emit({ type: 'run finished', outcome, durationMs: performance.now() - startedAt });
  return outcome;
}
