import { arch, release } from 'node:os';
import { TcpcloseError, UsageError } from '../errors.ts';
import type { Emit, Environment, Outcome } from '../events.ts';
import { checkChoice } from '../lab/ends/probe.ts';
import type { Stimulus } from '../lab/ends/stimulus.ts';
import { NoNamespace } from '../lab/hosts/namespace.ts';
import { distinct } from '../lab/hosts/run-host.ts';
import { type Network, openTopology } from '../lab/hosts/topology.ts';
import { Lab } from '../lab/lab.ts';
import { RunContext } from '../lab/run-context.ts';
import { Teardown } from '../lab/teardown.ts';
import type { Observer, ObserverChoice } from '../observe/observer.ts';
import { formatSpan, unlessAborted } from '../time.ts';
import type { LoadedScenario } from './catalogue.ts';
import { createExpect } from './expect/expect.ts';
import { Contradicted, checkOf, type ReportCheck } from './expect/report.ts';
import { type Need, whyUnmet } from './needs.ts';
import { Recorder } from './recorder.ts';
import type { Scenario } from './scenario.ts';

export interface RunOptions {
  /** Values for the scenario's parameters; the defaults for those not given. */
  readonly parameters: Readonly<{ [name: string]: unknown }>;
  readonly address: string;
  /** Of the first server; a free one if undefined. */
  readonly port: number | undefined;
  readonly observer: ObserverChoice;
  /** `own`: a network namespace, or `two hosts` of them, whether the scenario needs that or not. */
  readonly network: Network;
  readonly emit: Emit;
  /** Ends the run; its reason tells why. */
  readonly signal: AbortSignal;
  /** How long an expectation waits before it is contradicted, in milliseconds. */
  readonly patienceMs?: number;
  /** What a contradicted check does to the run; `go on` if not given. */
  readonly afterContradiction?: 'go on' | 'stop';
  /** A stimulus to leave out: a control experiment. */
  readonly withheld?: Stimulus | undefined;
  /** How long the run may take at the most, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** `packets`: in a network of its own the run is recorded, and told as an event at its end; `nothing` if not given. */
  readonly record?: 'nothing' | 'packets';
  /** Awaited before each step. */
  readonly beforeStep?: (signal: AbortSignal) => Promise<void>;
}

const usualPatienceMs = 10_000;

/** Runs one scenario and reports it by events. Whatever happens is an outcome; when it settles, nothing is left of the run. */
export async function runScenario(loaded: LoadedScenario, given: RunOptions): Promise<Outcome> {
  const timeout = given.timeoutMs === undefined ? undefined : AbortSignal.timeout(given.timeoutMs);
  const signal = timeout === undefined ? given.signal : AbortSignal.any([given.signal, timeout]);
  const options = { ...given, signal };
  const { emit } = options;
  const startedAt = performance.now();
  const teardown = new Teardown();
  let contradicted = false;
  let checks = 0;
  const record: ReportCheck = (finding, about) => {
    const check = checkOf(finding, about);
    checks++;
    contradicted ||= check.verdict === 'contradicted';
    emit({ type: 'check', check });
    if (contradicted && options.afterContradiction === 'stop') throw new Contradicted();
  };
  const recorder = new Recorder(loaded.scenario, options, teardown);
  let outcome = await settle(unlessAborted(signal, run(loaded, options, teardown, record, recorder)), signal);
  if (outcome.state === 'interrupted' && !given.signal.aborted) {
    outcome = {
      state: 'errored',
      error: new TcpcloseError(
        'timeout',
        `not over after ${formatSpan(given.timeoutMs ?? 0)}: try a longer --timeout`,
      ),
    };
  }
  if (outcome.state === 'passed' && checks === 0) outcome = { state: 'errored', error: withoutCheck() };
  if (contradicted && outcome.state !== 'interrupted') outcome = { state: 'failed' };
  try {
    try {
      await recorder.tell();
    } finally {
      await teardown.run();
    }
  } catch (error) {
    if (outcome.state === 'passed') outcome = { state: 'errored', error: asError(error) };
  }
  emit({ type: 'run finished', outcome, durationMs: performance.now() - startedAt });
  return outcome;
}

async function run(
  { name, scenario }: LoadedScenario,
  options: RunOptions,
  teardown: Teardown,
  record: ReportCheck,
  recorder: Recorder,
): Promise<void> {
  const { emit, signal } = options;
  for (const need of [...scenario.needs, ...recorder.needs]) {
    const why = await whyUnmet(need);
    if (why !== null) throw new Unmet(why);
  }
  const { peers, title, claim } = scenario;
  const { address, observer, port, withheld } = options;
  const network = networkFor(scenario, options);
  const { manner } = recorder;
  const topology = await openTopology(network, { peers, manner, observer, signal, address }, teardown);
  const capture = await recorder.open(topology);
  const context = new RunContext({ topology, teardown, emit, signal, port, withheld, capture });
  await checkChoice(context, port);
  const lab = new Lab(context);
  const parameters = { ...defaultsOf(scenario), ...options.parameters };
  const environment = describeEnvironment(topology.server.observer);
  emit({ type: 'run started', run: { scenario: name, title, claim, parameters }, environment });
  const counting = await lab.kernel.counters();
  const running = scenario.run({
    lab,
    expect: createExpect({
      run: context,
      connect: (server, options) => lab.client(server, options),
      report: record,
      patienceMs: options.patienceMs ?? usualPatienceMs,
    }),
    step: stepper(context, options),
    note: (text) => emit({ type: 'note', text }),
    ...parameters,
  });
  const counted = running.finally(async () => {
    if (!signal.aborted) emit({ type: 'counters', counters: await counting.all() });
  });
  // Where the host has gone, whatever was asked of it last is not what went wrong.
  await counted.catch((error: unknown) => {
    throw distinct(topology).find(({ host }) => host.gone !== null)?.host.gone ?? error;
  });
}

const ownNetwork: readonly Need[] = ['namespace', 'packets', 'two hosts'];

/** The least that serves: this machine's own network, unless the scenario needs one of its own, or the run wants it. */
function networkFor(scenario: Scenario, { network, record }: RunOptions): Network {
  const why = whyOwnNetwork(scenario, record);
  if (typeof network === 'object' && why !== null)
    throw new UsageError('needs-own-network', `${why}: it does not run behind a launcher`);
  if (scenario.needs.includes('two hosts') || network === 'two hosts') return 'two hosts';
  return why === null ? network : 'own';
}

/** Why a run of a scenario must have a network of its own; null if it need not. */
export function whyOwnNetwork({ needs }: Scenario, record: RunOptions['record']): string | null {
  const own = needs.find((need) => ownNetwork.includes(need));
  if (own === undefined && record !== 'packets') return null;
  const what = own === undefined ? 'what is captured' : `a scenario that needs a network of its own (${own})`;
  return `${what} stays in a network that is made for it`;
}

function withoutCheck(): TcpcloseError {
  return new TcpcloseError(
    'no-check',
    'the scenario made no check, so there is no result: say what you expect with "await expect(...)"',
  );
}

/** The machine does not allow what the scenario needs. */
class Unmet extends Error {}

async function settle(run: Promise<void>, signal: AbortSignal): Promise<Outcome> {
  try {
    await run;
    return { state: 'passed' };
  } catch (error) {
    if (signal.aborted) return { state: 'interrupted', reason: asError(signal.reason).message };
    if (error instanceof Contradicted) return { state: 'failed' };
    if (error instanceof Unmet || error instanceof NoNamespace)
      return { state: 'skipped', reason: error.message };
    return { state: 'errored', error: asError(error) };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new TcpcloseError('unknown', String(error));
}

function defaultsOf(scenario: Scenario): { [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(scenario.parameters).map(([name, { fallback }]) => [name, fallback]),
  );
}

function stepper(
  { snapshots, ports }: RunContext,
  { emit, signal, beforeStep }: RunOptions,
): (title: string) => Promise<void> {
  let number = 0;
  return async (title) => {
    number++;
    emit({ type: 'step', number, title, look: snapshots.command(ports.all), at: performance.now() });
    await beforeStep?.(signal);
  };
}

function describeEnvironment({ name, version }: Observer): Environment {
  return {
    kernel: release(),
    arch: arch(),
    node: process.versions.node,
    observer: name,
    observerVersion: version,
    user: process.getuid?.() ?? -1,
  };
}
