import { TcpcloseError } from '../errors.ts';
import type { Event, Outcome, SuiteEmit, SuiteOutcome } from '../events.ts';
import type { LaunchPatience } from '../lab/hosts/launcher.ts';
import type { Network } from '../lab/hosts/topology.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import { namesShortage } from '../system-error.ts';
import { jobsByCores, jobsByDescriptors } from './at-once.ts';
import { untilCalm, whyBusy } from './calm.ts';
import type { LoadedScenario } from './catalogue.ts';
import { type Need, whyAnyUnmet, whyUnmet } from './needs.ts';
import { whyNotElsewhere } from './network.ts';
import { runScenario } from './run.ts';
import { shuffled } from './shuffle.ts';

export interface SuiteOptions {
  readonly address: string;
  readonly observer: ObserverChoice;
  readonly signal: AbortSignal;
  readonly emit: SuiteEmit;
  /**
   * Two hosts with a cable between them for every scenario, or the hosts behind launchers, for those that can run there; otherwise one
   * network each.
   */
  readonly network?: Exclude<Network, 'host' | 'own'> | undefined;
  /** How long launchers may take (default: 30 s). */
  readonly launch?: LaunchPatience | undefined;
  /** How many times every scenario runs. */
  readonly rounds: number;
  /** `duration`: the longest first, which ends soonest; or a random order, from a seed. */
  readonly order: 'duration' | { readonly seed: number };
  /** The time limit of one scenario in milliseconds; ten times that for slow ones. */
  readonly timeoutMs: number;
  /** Whether to record the headers of a scenario's segments (default: no). */
  readonly recorded?: (scenario: LoadedScenario) => boolean;
  /** How many run at once (default: four per core; one behind launchers, where they share a network); fewer if there are too few descriptors. */
  readonly jobs?: number | undefined;
  /** Needs that fail a scenario instead of skipping it if the machine lacks them. */
  readonly required: readonly Need[];
}

interface Job {
  readonly loaded: LoadedScenario;
  readonly round: number;
}

// An unseen state decides nothing, and neither does a shortage: such a scenario runs again after the others, one at a time, and on a
// calmer machine if it calms down within this time.
const mostAttempts = 3;
const calmWithinMs = 120_000;

// Longer than a single experiment needs, because the machine is busy.
const patienceMs = 20_000;

/** Runs many scenarios at once, each in a private network if one can be created, and reports them by events. */
export async function runSuite(
  scenarios: readonly LoadedScenario[],
  options: SuiteOptions,
): Promise<SuiteOutcome> {
  const { emit, signal } = options;
  const startedAt = performance.now();
  const network = options.network ?? ((await whyUnmet('namespace')) === null ? 'own' : 'host');
  const jobs = ordered(scenarios, options);
  emit({
    type: 'suite started',
    scenarios: jobs.map(({ loaded: { name, topic, scenario }, round }) => ({
      ...{ name, topic, round },
      takesMs: scenario.takes * 1000,
    })),
  });
  const outcomes: Outcome[] = [];
  let waiting = jobs;
  let atOnce = options.jobs ?? (typeof network === 'object' ? 1 : jobsByCores());
  atOnce = Math.min(atOnce, jobsByDescriptors());
  for (let attempt = 1; waiting.length > 0 && !signal.aborted; attempt++) {
    if (attempt > 1) await whenCalm(options);
    const again: Job[] = [];
    const queue = [...waiting];
    const worker = async () => {
      for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
        const outcome = await runJob(job, network, options, attempt);
        if (outcome === 'again') again.push(job);
        else outcomes.push(outcome);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    [waiting, atOnce] = [again, 1];
  }
  const outcome = signal.aborted ? 'interrupted' : overall(outcomes);
  emit({ type: 'suite finished', outcome, durationMs: performance.now() - startedAt });
  return outcome;
}

async function whenCalm({ emit, signal }: SuiteOptions): Promise<void> {
  const reason = whyBusy();
  if (reason === null) return;
  emit({ type: 'busy', reason });
  await untilCalm(calmWithinMs, signal);
}

async function runJob(
  { loaded, round }: Job,
  network: Network,
  options: SuiteOptions,
  attempt: number,
): Promise<Outcome | 'again'> {
  const { name, topic, scenario } = loaded;
  const { emit, signal, address, observer, timeoutMs } = options;
  const of = { scenario: name, topic, round } as const;
  let whyAgain: string | null = null;
  const tell = (event: Event) => {
    if (event.type === 'run finished' && attempt < mostAttempts)
      whyAgain = whyUndecided(event.outcome, attempt);
    if (whyAgain === null) emit({ type: 'of scenario', ...of, event });
  };
  const end = (outcome: Outcome) => {
    tell({ type: 'run finished', outcome, durationMs: 0 });
    return outcome;
  };
  const required = scenario.needs.filter((need) => options.required.includes(need));
  const elsewhere = whyNotElsewhere(scenario, { network, address });
  if (elsewhere !== null)
    return end({ state: required.length > 0 ? 'failed' : 'skipped', reason: elsewhere });
  const missing = await whyAnyUnmet(typeof network === 'object' ? [] : required);
  if (missing !== null) return end({ state: 'failed', reason: missing });
  const outcome = await runScenario(loaded, {
    parameters: {},
    address,
    port: undefined,
    observer,
    network,
    launch: options.launch,
    emit: tell,
    signal,
    patienceMs,
    timeoutMs: scenario.slow === null ? timeoutMs : timeoutMs * 10,
    record: options.recorded?.(loaded) ? 'headers' : 'nothing',
  });
  if (whyAgain === null) return outcome;
  emit({ type: 'again', ...of, reason: whyAgain });
  return 'again';
}

function whyUndecided(outcome: Outcome, attempt: number): string | null {
  const reason = reasonOf(outcome);
  // Others had what it lacked. Alone, it lacks it for good.
  if (attempt === 1 && namesShortage(reason)) return reason;
  if (outcome.state !== 'errored' || !(outcome.error instanceof TcpcloseError)) return null;
  const { code, message } = outcome.error;
  if (code === 'too-slow') return message;
  // What hangs would hang again: one that took too long has one more try, and only if the machine was busy.
  const busy = code === 'timeout' && attempt === 1 ? whyBusy() : null;
  return busy === null ? null : `${message} (${busy})`;
}

function reasonOf(outcome: Outcome): string {
  if (outcome.state === 'errored') return outcome.error.message;
  return outcome.state === 'skipped' ? outcome.reason : '';
}

function ordered(scenarios: readonly LoadedScenario[], { rounds, order }: SuiteOptions): Job[] {
  const jobs = Array.from({ length: rounds }, (_, i) =>
    scenarios.map((loaded) => ({ loaded, round: i + 1 })),
  ).flat();
  if (order === 'duration') return jobs.sort((a, b) => b.loaded.scenario.takes - a.loaded.scenario.takes);
  return shuffled(jobs, order.seed);
}

/** The outcome of all together: a contradiction counts most. */
function overall(outcomes: readonly Outcome[]): SuiteOutcome {
  const states = new Set(outcomes.map(({ state }) => state));
  for (const state of ['failed', 'errored', 'interrupted', 'passed'] as const)
    if (states.has(state)) return state;
  return 'skipped';
}
