import { UsageError } from '../errors.ts';
import type { Emit, Event, Outcome } from '../events.ts';
import { readWithheld, stimuli, type Withheld } from '../lab/ends/stimulus.ts';
import type { Network } from '../lab/hosts/topology.ts';
import { type ObserverChoice, observerChoices } from '../observe/observers.ts';
import { DeferredReporter } from '../report/deferred.ts';
import type { RunDocument } from '../report/documents/run.ts';
import type { LoadedScenario } from '../scenario/catalogue.ts';
import { whyOwnNetwork } from '../scenario/network.ts';
import type { Parameters } from '../scenario/parameters.ts';
import { type RunOptions, runScenario as run } from '../scenario/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { parseHost, parsePort } from './addresses.ts';
import { loadScenario } from './find-scenarios.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';
import { type Launchers, type Launching, launchersOf, launchPatience } from './launching.ts';
import { oneOf } from './one-of.ts';

export interface ScenarioOptions extends Following<Event>, Launching, Launchers {
  /** Values of the scenario's own parameters; those not given keep their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** The address where the server listens (default: `127.0.0.1`). */
  readonly host?: string | undefined;
  /** The port of the server (default: a free one outside the ephemeral range). */
  readonly port?: number | undefined;
  /** The tool that reads the table of connections (default: `auto`). */
  readonly observer?: ObserverChoice | undefined;
  /** The host network, or a private one created for this run (default: `host`, if that is enough). */
  readonly network?: 'host' | 'own' | undefined;
  /** Run between two hosts created for this run, over a cable instead of loopback. */
  readonly twoHosts?: boolean | undefined;
  /** Record the segments, in a private network. */
  readonly packets?: boolean | undefined;
  /** Skip this action, to see the checks fail: `end`, or the second of several, `end 2`. */
  readonly without?: string | Withheld | undefined;
  /** Awaited before each step. */
  readonly beforeStep?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

export async function runScenario(
  scenario: string | Scenario,
  options: ScenarioOptions = {},
): Promise<RunDocument> {
  return runLoaded(await loadScenario(scenario), options);
}

/** @internal */
export async function runLoaded(loaded: LoadedScenario, options: ScenarioOptions): Promise<RunDocument> {
  requireProcesses();
  const reporter = new DeferredReporter<Event>();
  const emit = (event: Event) => {
    reporter.onEvent(event);
    options.onEvent?.(event);
  };
  // Its processes start at once, while the code that makes the document is loaded.
  const running = run(loaded, { ...wantedRun(loaded, options), ...within(options, emit) });
  const { RunRecorder } = await import('../report/documents/run.ts');
  let document: RunDocument | undefined;
  reporter.to(
    new RunRecorder(loaded.name, (made) => {
      document = made;
    }),
  );
  const outcome = await running;
  if (document !== undefined) return document;
  throw errorOf(outcome);
}

function within(options: ScenarioOptions, emit: Emit): Pick<RunOptions, 'emit' | 'signal' | 'beforeStep'> {
  const { beforeStep } = options;
  return { emit, signal: signalOf(options), ...(beforeStep === undefined ? {} : { beforeStep }) };
}

function errorOf(outcome: Outcome): Error {
  return outcome.state === 'errored' ? outcome.error : new TypeError('a run ended without a document');
}

/**
 * The run that the options describe.
 * @throws UsageError `needs-own-network` if the host's own is not enough
 * @internal
 */
export function wantedRun(
  { scenario }: LoadedScenario,
  options: ScenarioOptions,
): Omit<RunOptions, 'emit' | 'signal' | 'beforeStep'> {
  const record = options.packets ? 'packets' : 'nothing';
  const why = whyOwnNetwork(scenario, record);
  if (options.network === 'host' && why !== null)
    throw new UsageError('needs-own-network', `${why}: leave out --network host`);
  return {
    parameters: given(scenario.parameters, options.parameters ?? {}),
    address: options.host === undefined ? '127.0.0.1' : parseHost(options.host),
    port: options.port === undefined ? undefined : parsePort(String(options.port)),
    observer: oneOf(observerChoices, options.observer ?? 'auto', 'observer'),
    network: networkOf(options),
    launch: launchPatience(options),
    record,
    withheld: typeof options.without === 'string' ? parseWithheld(options.without) : options.without,
    // The effect of a withheld stimulus never comes.
    ...(options.without === undefined ? {} : { patienceMs: 2000 }),
  };
}

/** @throws UsageError `bad-action` */
export function parseWithheld(text: string): Withheld {
  const withheld = readWithheld(text);
  if (withheld !== undefined) return withheld;
  throw new UsageError(
    'bad-action',
    `"${text}" is not a choice: choose one of ${stimuli.join(', ')}, or with a number, "linger 2"`,
  );
}

function networkOf(options: ScenarioOptions): Network {
  const { network = 'host', twoHosts } = options;
  if (network !== 'host' && network !== 'own')
    throw new UsageError('bad-network', `"${network}" is not a network: choose host or own`);
  return launchersOf(options) ?? (twoHosts ? 'two hosts' : network);
}

/** Parsed as on the command line, which refuses values that the scenario cannot work with. */
function given(parameters: Parameters, values: Readonly<Record<string, unknown>>): RunOptions['parameters'] {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const parameter = parameters[name];
      if (parameter === undefined) {
        const known = Object.keys(parameters).join(', ') || 'none';
        throw new UsageError('unknown-parameter', `"${name}" is not a parameter: the scenario has ${known}`);
      }
      return [name, parameter.placeholder === undefined ? value === true : parameter.parse(String(value))];
    }),
  );
}
