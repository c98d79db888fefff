import { type Command, Option } from 'commander';
import { parseHost, parsePort } from '../../api/addresses.ts';
import { parseWithheld, type ScenarioOptions } from '../../api/run-scenario.ts';
import { stimuli } from '../../lab/ends/stimulus.ts';
import type { ReporterName } from '../../report/reporters.ts';
import type { LoadedScenario } from '../../scenario/catalogue.ts';
import type { Parameters } from '../../scenario/parameters.ts';
import { addPageOptions, addRunLaunchers, type Given, launching, observerOption } from '../common-options.ts';

export interface DemoOptions extends Given<ScenarioOptions> {
  readonly step?: boolean;
  readonly verbose?: boolean;
  readonly counters?: boolean;
  readonly ascii?: boolean;
  readonly mermaid?: boolean;
  readonly pcap?: string;
  readonly [parameter: string]: unknown;
}

/** @param parameters the scenario's parameters, which become options of the command */
export function addDemoOptions(command: Command, parameters: Parameters): void {
  command
    .optionsGroup('Place:')
    .option('--host <address>', 'let the server listen on this address', parseHost, '127.0.0.1')
    .option(
      '--port <n>',
      'let the server listen on this port (default: a free one outside the ephemeral range)',
      parsePort,
    )
    .addOption(observerOption())
    .addOption(
      new Option(
        '--network <which>',
        'use the host network, or a private one created for this run (default: host, if that is enough)',
      ).choices(['host', 'own']),
    );
  addRunLaunchers(command, ['twoHosts', 'network']);
  command
    .addOption(
      new Option(
        '--two-hosts',
        'run between two hosts created for this run, over a cable instead of loopback',
      ).conflicts('network'),
    )
    .optionsGroup('Result:')
    .option('--step', 'wait for Enter before each step')
    .option('--verbose', 'show every action, and the raw text of each row')
    .option('--counters', 'show which kernel counters moved, and what that means')
    .option('--packets', 'show the segments between the states, in a private network')
    .option('--ascii', 'draw segments without box characters')
    .addOption(
      new Option(
        '--mermaid',
        'print the segments as a Markdown page with Mermaid diagrams, and nothing else',
      ).conflicts(['json', 'ascii', 'reporter']),
    )
    .option(
      '--pcap <file>',
      'write the packets of a private network to a file for tcpdump and Wireshark; a .pcapng explains each packet',
    )
    .optionsGroup('Experiment:')
    .option(
      '--without <action>',
      `skip this action, to see the checks fail; "linger 2" skips only the second one (choices: ${stimuli.join(', ')}). "die": the process ends itself; "deafen": drop what arrives at a socket; "hear": stop dropping; "block in": wait in recv() or send()`,
      parseWithheld,
    );
  addPageOptions(command);
  addParameters(command, parameters);
}

function addParameters(command: Command, parameters: Parameters): void {
  for (const [name, { description, fallback, placeholder, parse }] of Object.entries(parameters)) {
    if (placeholder === undefined) command.option(`--${name}`, description);
    else command.option(`--${name} <${placeholder}>`, description, parse, fallback);
  }
}

/** These options in the form of the API. */
export function scenarioOptionsOf(
  { scenario }: LoadedScenario,
  options: DemoOptions,
): Omit<ScenarioOptions, 'onEvent' | 'abortSignal' | 'beforeStep'> {
  const packets = wantsPackets(options) || suitsPackets(options);
  return { ...options, ...launching(options), parameters: given(scenario.parameters, options), packets };
}

function given(parameters: Parameters, options: DemoOptions): { [name: string]: unknown } {
  const names = Object.keys(parameters).filter((name) => options[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

function wantsPackets({ packets, ascii, mermaid, pcap }: DemoOptions): boolean {
  return packets === true || ascii === true || mermaid === true || pcap !== undefined;
}

const pictures: readonly ReporterName[] = ['html', 'markdown', 'svg', 'trace'];

/** A picture shows segments and states, unless the run takes place where they cannot be recorded. */
function suitsPackets({ reporter = [], network, serverOn, clientOn }: DemoOptions): boolean {
  const elsewhere = network === 'host' || serverOn !== undefined || clientOn !== undefined;
  return !elsewhere && reporter.some(({ name }) => pictures.includes(name));
}
