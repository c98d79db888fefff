import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import type { Event, Outcome } from '../events.ts';
import { type Stimulus, stimuli } from '../lab/ends/stimulus.ts';
import type { Network } from '../lab/hosts/topology.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import { inAscii } from '../report/ascii.ts';
import { DeferredReporter } from '../report/deferred.ts';
import { PcapFile } from '../report/packets/pcap-file.ts';
import { createPaint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import type { Reporter } from '../report/reporter.ts';
import { canMove } from '../report/spinner.ts';
import type { TranscriptStyle } from '../report/transcript.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { whyOwnNetwork } from '../scenario/network.ts';
import type { Parameters } from '../scenario/parameters.ts';
import { runScenario } from '../scenario/run.ts';
import { isFile, loadFile } from '../scenario/user-file.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption, observerOption } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { findScenario, isNamed, unknownScenario } from './find-scenario.ts';
import { parseHost, parsePort } from './network-options.ts';
import { StepKeys } from './step-keys.ts';

interface DemoOptions {
  readonly host: string;
  readonly port?: number;
  readonly observer: ObserverChoice;
  readonly network?: 'host' | 'own';
  readonly twoHosts?: boolean;
  readonly serverOn?: string;
  readonly clientOn?: string;
  readonly step?: boolean;
  readonly verbose?: boolean;
  readonly counters?: boolean;
  readonly json?: boolean;
  readonly packets?: boolean;
  readonly ascii?: boolean;
  readonly mermaid?: boolean;
  readonly pcap?: string;
  readonly color: boolean;
  readonly without?: Stimulus;
  readonly [parameter: string]: unknown;
}

export async function define(command: Command, invocation: Invocation): Promise<void> {
  command
    .option('--host <address>', 'address where the server listens', parseHost, '127.0.0.1')
    .option('--port <n>', 'port of the server (default: a free port outside the ephemeral range)', parsePort)
    .addOption(observerOption())
    .addOption(
      new Option(
        '--network <which>',
        'the host network, or a private one created for this run (default: host, if that is enough)',
      ).choices(['host', 'own']),
    )
    .addOption(
      new Option(
        '--server-on <launcher>',
        'run the server behind a prefix command, such as "ssh box"',
      ).conflicts(['twoHosts', 'network']),
    )
    .addOption(
      new Option('--client-on <launcher>', 'run the client behind a prefix command').conflicts([
        'twoHosts',
        'network',
      ]),
    )
    .addOption(
      new Option(
        '--two-hosts',
        'run between two hosts created for this run, over a cable instead of loopback',
      ).conflicts('network'),
    )
    .option('--step', 'wait for Enter before each step')
    .option('--verbose', 'show every action, and the text beside the rows that were read from it')
    .option('--counters', 'show which kernel counters moved, and what that means')
    .option('--packets', 'show the segments between the states, in a private network')
    .option('--ascii', 'show them without box characters')
    .addOption(
      new Option(
        '--mermaid',
        'print them as a Markdown page with Mermaid diagrams, and nothing else',
      ).conflicts(['json', 'ascii']),
    )
    .option('--pcap <file>', 'write the packets to a file for tcpdump and Wireshark, in a private network')
    .addOption(new Option('--without <action>', 'skip this action, to see the checks fail').choices(stimuli))
    .addOption(jsonOption())
    .addOption(colorOption());
  const loaded = await loadNamed(invocation.args);
  if (loaded !== undefined) addParameters(command, loaded.scenario.parameters);
  command.action(async (name: string, options: DemoOptions) => {
    if (loaded === undefined) throw unknownScenario(name);
    invocation.finish(await demo(loaded, options, invocation));
  });
}

// The options of a scenario are known only when it is loaded: its name is looked for before the options are parsed.
async function loadNamed(args: readonly string[]): Promise<LoadedScenario | undefined> {
  const entries = catalogue();
  const words = args.slice(args.indexOf('demo') + 1).filter((arg) => !arg.startsWith('-'));
  const named = words.find((word) => entries.some((entry) => isNamed(entry, word)));
  if (named !== undefined) return loadEntry(findScenario(named));
  const file = words.find(isFile);
  return file === undefined ? undefined : loadFile(file);
}

function addParameters(command: Command, parameters: Parameters): void {
  for (const [name, { description, fallback, placeholder, parse }] of Object.entries(parameters)) {
    if (placeholder === undefined) command.option(`--${name}`, description);
    else command.option(`--${name} <${placeholder}>`, description, parse, fallback);
  }
}

async function demo(
  loaded: LoadedScenario,
  options: DemoOptions,
  { interruption }: Invocation,
): Promise<number> {
  const record = wantsPackets(options) ? 'packets' : 'nothing';
  const network = networkOf(options);
  const why = whyOwnNetwork(loaded.scenario, record);
  if (options.network === 'host' && why !== null)
    throw new UsageError('needs-own-network', `${why}: leave --network host out`);
  const pcap = options.pcap === undefined ? undefined : new PcapFile(options.pcap);
  const deferred = new DeferredReporter();
  const keys = options.step ? new StepKeys() : undefined;
  // Its processes start at once, and the reporter is loaded meanwhile.
  const running = runScenario(loaded, {
    parameters: given(loaded.scenario.parameters, options),
    address: options.host,
    port: options.port,
    observer: options.observer,
    network,
    record,
    emit: (event) => {
      deferred.on(event);
      pcap?.on(event);
    },
    signal: interruption.signal,
    withheld: options.without,
    // What is left out will be waited for in vain.
    ...(options.without === undefined ? {} : { patienceMs: 2000 }),
    ...(keys === undefined ? {} : { beforeStep: (signal) => keys.next(signal) }),
  });
  const { reporter, finish } = await reporting(loaded, options);
  deferred.to(reporter);
  const outcome = await running;
  keys?.close();
  finish();
  return statusOf(outcome);
}

function networkOf({ network, twoHosts, serverOn, clientOn }: DemoOptions): Network {
  if (serverOn !== undefined || clientOn !== undefined) return { server: serverOn, client: clientOn };
  return twoHosts ? 'two hosts' : (network ?? 'host');
}

function given(parameters: Parameters, options: DemoOptions): { [name: string]: unknown } {
  const names = Object.keys(parameters).filter((name) => options[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

function statusOf(outcome: Outcome): number {
  switch (outcome.state) {
    case 'passed':
      return exitStatus.asExpected;
    case 'failed':
      return exitStatus.contradicted;
    case 'errored':
      throw outcome.error;
    case 'skipped':
    case 'interrupted':
      return exitStatus.couldNotRun;
  }
}

interface Reporting {
  readonly reporter: Reporter;
  finish(): void;
}

function wantsPackets({ packets, ascii, mermaid, pcap }: DemoOptions): boolean {
  return packets === true || ascii === true || mermaid === true || pcap !== undefined;
}

function reporting(loaded: LoadedScenario, options: DemoOptions): Promise<Reporting> {
  if (options.json) return documentReporter(loaded);
  return options.mermaid ? mermaidReporter() : transcriptReporter(options);
}

async function mermaidReporter(): Promise<Reporting> {
  const { MermaidPage } = await import('../report/packets/mermaid.ts');
  return { reporter: new MermaidPage(process.stdout), finish() {} };
}

async function transcriptReporter({
  verbose,
  step,
  counters,
  color,
  ascii,
}: DemoOptions): Promise<Reporting> {
  const { Transcript } = await import('../report/transcript.ts');
  const terminal = process.stdout.isTTY === true;
  const paint = await createPaint(color ? 'auto' : 'never', terminal);
  const style: TranscriptStyle = {
    detail: verbose ? 'everything' : 'checks',
    counters: counters ? 'shown' : 'not shown',
    pace: step ? 'step by step' : 'at once',
    ladder: ascii ? 'ascii' : 'box',
  };
  const output = ascii ? inAscii(process.stdout) : process.stdout;
  if (!canMove()) return { reporter: new Transcript(output, paint, style), finish() {} };
  const { Live } = await import('../report/live.ts');
  return {
    reporter: new Live((output) => new Transcript(output, paint, style), output),
    finish() {},
  };
}

async function documentReporter({ name }: LoadedScenario): Promise<Reporting> {
  const { RunRecorder } = await import('../report/documents/run.ts');
  const recorder = new RunRecorder();
  return {
    reporter: { on: (event: Event) => recorder.on(event) },
    finish() {
      const document = recorder.document(name);
      if (document !== undefined) printDocument(document);
    },
  };
}
