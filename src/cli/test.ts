import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SuiteOutcome } from '../events.ts';
import { type ObserverChoice, observerChoices } from '../observe/observer.ts';
import { type Need, needNames } from '../scenario/needs.ts';
import { parseInteger } from '../scenario/parameters.ts';
import { runSuite } from '../scenario/suite.ts';
import type { Invocation } from './commands.ts';
import { exitStatus } from './exit-status.ts';
import { findScenarios } from './find-scenario.ts';
import { parseHost } from './network-options.ts';
import { openReporters, parseReporter, type ReporterChoice } from './reporter-options.ts';

interface TestOptions {
  readonly host: string;
  readonly observer: ObserverChoice;
  readonly reporter: readonly ReporterChoice[];
  readonly require: readonly Need[];
  readonly repeat: number;
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly twoHosts?: boolean;
  readonly slow?: boolean;
  readonly timeout: number;
  readonly color: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .addOption(
      new Option('--reporter <name[:file]>', 'how to tell the results; may be given several times')
        .argParser(gather(parseReporter))
        .default([], 'live'),
    )
    .addOption(
      new Option('--require <need>', `fail, and do not skip, without ${needNames.join(', ')}`)
        .argParser(gather(parseNeed))
        .default([], 'none'),
    )
    .option('--repeat <n>', 'run every scenario so many times', parseInteger(1, 10_000), 1)
    .option('--shuffle', 'run them in an order of chance')
    .option('--seed <n>', 'the order of chance that an earlier run told', parseInteger(0, 2 ** 32 - 1))
    .option('--slow', 'run the slow ones, too')
    .option('--timeout <s>', 'how long one may take', parseInteger(1, 86_400), 120)
    .option('--host <address>', 'where servers listen', parseHost, '127.0.0.1')
    .option('--two-hosts', 'each between two hosts with a cable, and not over loopback')
    .addOption(
      new Option('--observer <name>', 'what reads the table of connections')
        .choices(observerChoices)
        .default('auto'),
    )
    .option('--no-color', 'no colours')
    .action(async (names: readonly string[], options: TestOptions) => {
      const scenarios = await findScenarios(names, options.slow ? 'all' : 'quick');
      const reporters = await openReporters(options.reporter, options.color ? 'auto' : 'never');
      const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
      const shuffled = options.shuffle || options.seed !== undefined;
      if (shuffled) process.stderr.write(`shuffled: --seed ${seed} repeats this order\n`);
      const outcome = await runSuite(scenarios, {
        address: options.host,
        observer: options.observer,
        network: options.twoHosts ? 'two hosts' : undefined,
        signal: interruption.signal,
        emit: (event) => reporters.on(event),
        rounds: options.repeat,
        order: shuffled ? { seed } : 'duration',
        timeoutMs: options.timeout * 1000,
        required: options.require,
      });
      reporters.close();
      finish(statusOf(outcome));
    });
}

function statusOf(outcome: SuiteOutcome): number {
  switch (outcome) {
    case 'passed':
    case 'skipped':
      return exitStatus.asExpected;
    case 'failed':
      return exitStatus.contradicted;
    case 'errored':
    case 'interrupted':
      return exitStatus.couldNotRun;
  }
}

/** For an option that may be given several times. */
function gather<Value>(parse: (text: string) => Value): (text: string, before: readonly Value[]) => Value[] {
  return (text, before) => [...before, parse(text)];
}

function parseNeed(text: string): Need {
  const need = needNames.find((name) => name === text);
  if (need === undefined) throw new InvalidArgumentError(`It is one of ${needNames.join(', ')}.`);
  return need;
}
