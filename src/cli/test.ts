import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ObserverChoice } from '../observe/observers.ts';
import { type Need, needNames } from '../scenario/needs.ts';
import { parseInteger } from '../scenario/parameters.ts';
import { runSuite } from '../scenario/suite.ts';
import type { Invocation } from './commands.ts';
import { colorOption, durationOption, jsonOption, observerOption, reporterOption } from './common-options.ts';
import { reportLine } from './error-line.ts';
import { statusOfSuite } from './exit-status.ts';
import { findScenarios } from './find-scenario.ts';
import { parseHost } from './network-options.ts';
import { openReporters, type ReporterChoice, reportersOf } from './reporter-options.ts';

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
  readonly json?: boolean;
  readonly color: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .addOption(
      new Option(
        '--require <need>',
        `fail instead of skipping without this: ${needNames.join(', ')} (repeatable)`,
      )
        .argParser((text: string, before: readonly Need[]) => [...before, parseNeed(text)])
        .default([], 'none'),
    )
    .option('--repeat <n>', 'run each scenario n times', parseInteger(1, 10_000), 1)
    .option('--shuffle', 'run in random order')
    .option('--seed <n>', 'seed printed by an earlier run', parseInteger(0, 2 ** 32 - 1))
    .option('--slow', 'run slow scenarios too')
    .addOption(durationOption('--timeout <duration>', 'time limit per scenario', '300s'))
    .option('--host <address>', 'address where the server listens', parseHost, '127.0.0.1')
    .option('--two-hosts', 'run between two hosts created for this run, over a cable instead of loopback')
    .addOption(observerOption())
    .addOption(reporterOption())
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (names: readonly string[], options: TestOptions) => {
      const scenarios = await findScenarios(names, options.slow ? 'all' : 'quick');
      const reporters = await openReporters(reportersOf(options), options.color ? 'auto' : 'never');
      const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
      const reasons = new Set<string>();
      const shuffled = options.shuffle || options.seed !== undefined;
      if (shuffled) process.stderr.write(`shuffled: --seed ${seed} repeats this order\n`);
      const outcome = await runSuite(scenarios, {
        address: options.host,
        observer: options.observer,
        network: options.twoHosts ? 'two hosts' : undefined,
        signal: interruption.signal,
        emit: (event) => {
          reporters.on(event);
          const last = event.type === 'of scenario' ? event.event : undefined;
          if (last?.type === 'run finished' && last.outcome.state === 'skipped')
            reasons.add(last.outcome.reason);
        },
        rounds: options.repeat,
        order: shuffled ? { seed } : 'duration',
        timeoutMs: options.timeout,
        required: options.require,
      });
      reporters.close();
      if (outcome === 'skipped') reportLine(nothingRun(reasons));
      finish(statusOfSuite(outcome));
    });
}

function nothingRun(reasons: ReadonlySet<string>): string {
  return `nothing was run, every scenario was skipped: ${[...reasons].join('; ')}`;
}

function parseNeed(text: string): Need {
  const need = needNames.find((name) => name === text);
  if (need === undefined) throw new InvalidArgumentError(`Allowed choices are ${needNames.join(', ')}.`);
  return need;
}
