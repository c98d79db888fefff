import { UsageError } from '../errors.ts';
import type { SuiteEvent } from '../events.ts';
import { tryLaunchers } from '../lab/hosts/topology.ts';
import { type ObserverChoice, observerChoices } from '../observe/observers.ts';
import { type SuiteDocument, suiteDocumentOf } from '../report/documents/suite.ts';
import { Results } from '../report/suite/results.ts';
import { OwnFiles } from '../scenario/apart/own-files.ts';
import { jobsByCores, jobsByDescriptors } from '../scenario/at-once.ts';
import type { LoadedScenario } from '../scenario/catalogue.ts';
import { type Need, needNames } from '../scenario/needs.ts';
import { parseInteger, parseJobs } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type SuiteOptions as RunOptions, runSuite as run } from '../scenario/suite.ts';
import { parseHost } from './addresses.ts';
import { type Duration, limitOf } from './duration.ts';
import { loadScenarios } from './find-scenarios.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';
import { type Launchers, type Launching, launchersOf, launchPatience } from './launching.ts';
import { oneOf } from './one-of.ts';

export interface SuiteOptions extends Following<SuiteEvent>, Launching, Launchers {
  /** Needs that fail a scenario instead of skipping it if the machine lacks them. */
  readonly require?: readonly Need[] | undefined;
  /** Run each scenario this many times (default: 1). */
  readonly repeat?: number | undefined;
  /** Run in random order. */
  readonly shuffle?: boolean | undefined;
  /** The seed of the random order. */
  readonly seed?: number | undefined;
  /** Also run the slow scenarios of the catalogue. */
  readonly slow?: boolean | undefined;
  /** How many run at once (default: four per core; one behind launchers). One at a time is steadiest on a slow machine. */
  readonly jobs?: number | undefined;
  /** Time limit per scenario (default: 300 s). */
  readonly timeout?: Duration | undefined;
  /** The address where the servers listen (default: `127.0.0.1`). */
  readonly host?: string | undefined;
  /** Run between two hosts created for each run, over a cable instead of loopback. */
  readonly twoHosts?: boolean | undefined;
  /** The tool that reads the table of connections (default: `auto`). */
  readonly observer?: ObserverChoice | undefined;
}

const usualLimit = '300s';

export async function runSuite(
  scenarios: readonly (string | Scenario)[] = [],
  options: SuiteOptions = {},
): Promise<SuiteDocument> {
  const { slow, jobs = jobsByCores(), timeout = usualLimit } = options;
  const ownFiles = new OwnFiles({
    signal: signalOf(options),
    timeoutMs: limitOf(timeout),
    mayWait: Math.min(jobs, jobsByDescriptors()),
  });
  try {
    return await runLoadedSuite(await loadScenarios(scenarios, slow ? 'all' : 'quick', ownFiles), options);
  } finally {
    await ownFiles.end();
  }
}

/**
 * The same for loaded scenarios.
 * @internal
 */
export async function runLoadedSuite(
  scenarios: readonly LoadedScenario[],
  options: SuiteOptions & Pick<RunOptions, 'recorded'>,
): Promise<SuiteDocument> {
  requireProcesses();
  const results = new Results();
  const { host, onEvent, repeat = 1, timeout = usualLimit } = options;
  const startedAt = performance.now();
  const address = host === undefined ? '127.0.0.1' : parseHost(host);
  const [launchers, launch, signal] = [launchersOf(options), launchPatience(options), signalOf(options)];
  if (launchers !== undefined) await tryLaunchers(launchers, { address, signal, launch });
  const outcome = await run(scenarios, {
    address,
    observer: oneOf(observerChoices, options.observer ?? 'auto', 'observer'),
    network: launchers ?? (options.twoHosts ? 'two hosts' : undefined),
    launch,
    signal,
    emit: (event) => {
      results.on(event);
      onEvent?.(event);
    },
    rounds: parseInteger(1, 10_000)(String(repeat)),
    order: orderOf(options),
    timeoutMs: limitOf(timeout),
    jobs: options.jobs === undefined ? undefined : parseJobs(String(options.jobs)),
    required: requiredOf(options),
    ...(options.recorded === undefined ? {} : { recorded: options.recorded }),
  });
  return suiteDocumentOf(results, outcome, performance.now() - startedAt);
}

function requiredOf({ require: required = [] }: SuiteOptions): readonly Need[] {
  const unknown = required.find((need) => !needNames.includes(need));
  if (unknown === undefined) return required;
  throw new UsageError('bad-need', `"${unknown}" is not a need: choose from ${needNames.join(', ')}`);
}

function orderOf({ shuffle, seed }: SuiteOptions): 'duration' | { readonly seed: number } {
  if (seed !== undefined) return { seed: parseInteger(0, 2 ** 32 - 1)(String(seed)) };
  return shuffle ? { seed: Math.floor(Math.random() * 2 ** 32) } : 'duration';
}
