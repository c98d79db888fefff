import type { Environment } from '../events.ts';
import { harmless } from '../foreign.ts';
import { checkChoice } from '../lab/ends/probe.ts';
import { distinct, type RunHost, type Topology } from '../lab/hosts/run-host.ts';
import { type Network, openTopology } from '../lab/hosts/topology.ts';
import { Lab } from '../lab/lab.ts';
import { Capture } from '../lab/recording/capture.ts';
import type { CounterWatch } from '../lab/recording/counters.ts';
import { RunContext } from '../lab/run-context.ts';
import { Teardown } from '../lab/teardown.ts';
import type { LoadedScenario } from './catalogue.ts';
import type { Checks } from './checks.ts';
import { createExpect } from './expect/expect.ts';
import { whyAnyUnmet } from './needs.ts';
import { networkFor } from './network.ts';
import { Unmet } from './outcome.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Task } from './tasks.ts';

const usualPatienceMs = 10_000;

/** One run of one scenario, as a list of tasks. Each sets up what the next ones need. */
export class ScenarioRun {
  readonly tasks: readonly Task[] = [
    { title: 'needs', setup: () => this.#checkNeeds() },
    { title: 'hosts', setup: () => this.#openHosts(), teardown: () => this.#teardown.run() },
    { title: 'capture', setup: () => this.#openCapture(), teardown: () => this.#emitRecording() },
    { title: 'lab', setup: () => this.#openLab(), teardown: () => this.#emitCounters() },
    { title: 'story', setup: () => this.#runStory() },
  ];
  readonly #loaded: LoadedScenario;
  readonly #options: RunOptions;
  readonly #checks: Checks;
  readonly #teardown = new Teardown();
  #topology: Topology | undefined;
  #capture: Capture | undefined;
  #context: RunContext | undefined;
  #counters: CounterWatch | undefined;

  constructor(loaded: LoadedScenario, options: RunOptions, checks: Checks) {
    this.#loaded = loaded;
    this.#options = options;
    this.#checks = checks;
  }

  get #isRecorded(): boolean {
    return (this.#options.record ?? 'nothing') !== 'nothing';
  }

  async #checkNeeds(): Promise<void> {
    // Needs are tried on this machine. Behind launchers, IPv6 is the only need, and the address is tried there.
    if (typeof this.#options.network === 'object') return;
    const { needs } = this.#loaded.scenario;
    const why = await whyAnyUnmet(this.#isRecorded ? [...needs, 'packets'] : needs);
    if (why !== null) throw new Unmet(why);
  }

  async #openHosts(): Promise<void> {
    const { scenario } = this.#loaded;
    const { peers } = scenario;
    const network = networkFor(scenario, this.#options);
    const scheduling = this.#options.record === 'packets' ? 'batch' : 'ordinary';
    this.#topology = await openTopology(network, { ...this.#options, peers, scheduling }, this.#teardown);
  }

  // Packets are recorded on the server's host, through which all of them pass.
  async #openCapture(): Promise<void> {
    if (!this.#isRecorded && !this.#loaded.scenario.needs.includes('packets')) return;
    const { server, client } = there(this.#topology);
    const everything = this.#options.record === 'packets' || this.#loaded.scenario.records === 'states';
    const depth = everything ? 'everything' : 'headers';
    const others = client.host === server.host ? [] : [client.host];
    // A scenario that reads states itself must not delay segments.
    const segments = this.#options.record === 'packets' ? 'wait where possible' : 'pass';
    this.#capture = await Capture.open([server.host, ...others], { depth, segments }, this.#teardown);
  }

  /** Emits the recording, even that of an interrupted run. */
  async #emitRecording(): Promise<void> {
    if (!this.#isRecorded || this.#capture === undefined) return;
    const { signal, emit } = this.#options;
    // The connections of an interrupted run exist until the teardown.
    emit({ type: 'recorded', recording: await this.#capture.flush(signal.aborted ? 'ends' : 'continues') });
  }

  async #openLab(): Promise<void> {
    const { emit, signal, port, withheld } = this.#options;
    const topology = there(this.#topology);
    const [teardown, capture] = [this.#teardown, this.#capture];
    this.#context = new RunContext({ topology, teardown, emit, signal, port, withheld, capture });
    await checkChoice(this.#context, port);
  }

  async #runStory(): Promise<void> {
    const { name, scenario } = this.#loaded;
    const { emit, patienceMs = usualPatienceMs } = this.#options;
    const { title, claim } = scenario;
    const context = there(this.#context);
    const { topology } = context;
    const parameters = { ...defaultsOf(scenario), ...this.#options.parameters };
    const environment = environmentOf(topology, this.#options.network);
    const run = { scenario: name, title, claim, parameters };
    emit({ type: 'run started', run, environment, at: performance.now() });
    for (const { peers } of distinct(topology))
      peers.onAnswer = (answer) => emit({ type: 'answered', answer });
    const lab = new Lab(context);
    this.#counters = await lab.kernel.counters();
    const expect = createExpect({
      run: context,
      connect: (server, options) => lab.client(server, options),
      report: (comparison, { without, ...about }, from) => {
        const named = without === undefined ? {} : { without: context.withheldBy(without) };
        this.#checks.report(comparison, { ...about, ...named }, from);
      },
      patienceMs,
    });
    const note = (text: string) => emit({ type: 'note', text });
    try {
      await scenario.run({ lab, expect, step: this.#stepper(context), note, ...parameters });
      context.checkWithheld();
    } catch (error) {
      // If the host is gone, that is the cause, and not the last failed call.
      throw distinct(topology).find(({ host }) => host.gone !== null)?.host.gone ?? error;
    }
  }

  #stepper({ snapshots, ports }: RunContext): (title: string) => Promise<void> {
    const { emit, signal, beforeStep } = this.#options;
    let number = 0;
    return async (title) => {
      number++;
      emit({ type: 'step', number, title, look: snapshots.command(ports.all), at: performance.now() });
      await beforeStep?.(signal);
    };
  }

  async #emitCounters(): Promise<void> {
    const { signal, emit } = this.#options;
    if (this.#counters === undefined || signal.aborted) return;
    emit({ type: 'counters', counters: await this.#counters.all() });
  }
}

/** Asserts that an earlier task has set something up. */
function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a task came before one that it depends on');
  return value;
}

function defaultsOf(scenario: Scenario): { [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(scenario.parameters).map(([name, { fallback }]) => [name, fallback]),
  );
}

function environmentOf({ server, client }: Topology, network: Network): Environment {
  const of = ({ host, observer: { name, version } }: RunHost) => ({
    ...host.system,
    observer: name,
    observerVersion: version,
  });
  const named = (role: 'server' | 'client', runHost: RunHost) => ({
    role,
    name: harmless(runHost.host.name),
    ...of(runHost),
  });
  if (typeof network !== 'object') return of(server);
  return { ...of(server), hosts: [named('server', server), named('client', client)] };
}
