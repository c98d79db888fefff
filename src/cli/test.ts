import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseHost } from '../api/addresses.ts';
import { runSuite, type SuiteOptions } from '../api/run-suite.ts';
import type { SuiteEvent, SuiteOutcome } from '../events.ts';
import type { SuiteDocument } from '../report/documents/suite.ts';
import type { Reporter, ReporterContext } from '../report/reporter.ts';
import { reportSuite } from '../report/suite/report.ts';
import { type Need, needNames } from '../scenario/needs.ts';
import { parseInteger } from '../scenario/parameters.ts';
import type { Invocation } from './command-entry.ts';
import {
  addPageOptions,
  addRunLaunchers,
  durationOption,
  type Given,
  jobsOption,
  launching,
  observerOption,
} from './common-options.ts';
import { reportLine } from './error-line.ts';
import { statusOf } from './exit-status.ts';
import { withReporters } from './output.ts';

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .optionsGroup('Selection:')
    .addOption(
      new Option(
        '--require <need>',
        `fail, instead of skipping, if this is missing: ${needNames.join(', ')} (repeatable)`,
      )
        .argParser((text: string, before: readonly Need[]) => [...before, parseNeed(text)])
        .default([], 'none'),
    )
    .optionsGroup('Order:')
    .option('--repeat <n>', 'run each scenario n times', parseInteger(1, 10_000), 1)
    .addOption(jobsOption())
    .option('--shuffle', 'run in random order')
    .option(
      '--seed <n>',
      'run in the random order of this seed, printed by an earlier run',
      parseInteger(0, 2 ** 32 - 1),
    )
    .optionsGroup('Selection:')
    .option('--slow', 'run slow scenarios too')
    .optionsGroup('Place:')
    .option('--host <address>', 'let the server listen on this address', parseHost, '127.0.0.1');
  addRunLaunchers(command, ['twoHosts']);
  command
    .option('--two-hosts', 'run between two hosts created for this run, over a cable instead of loopback')
    .addOption(observerOption())
    .optionsGroup('Time limits:')
    .addOption(durationOption('--timeout <duration>', 'limit the time of each scenario', '300s'))
    .action(async (names: readonly string[], options: Given<SuiteOptions>) => {
      const outcome = await withReporters('test', options, textOf, (reporter) =>
        test(names, options, interruption.signal, reporter),
      );
      finish(statusOf[outcome]);
    });
  addPageOptions(command);
}

async function test(
  names: readonly string[],
  options: Given<SuiteOptions>,
  signal: AbortSignal,
  reporter: Required<Reporter<SuiteEvent, SuiteDocument>>,
): Promise<SuiteOutcome> {
  const seed = options.seed ?? (options.shuffle ? Math.floor(Math.random() * 2 ** 32) : undefined);
  if (seed !== undefined) process.stderr.write(`shuffled: --seed ${seed} repeats this order\n`);
  const document = await runSuite(names, {
    ...options,
    ...launching(options),
    seed,
    abortSignal: signal,
    onEvent: reportSuite(reporter),
  });
  if (document.outcome === 'skipped') reportLine(nothingRun(document));
  return document.outcome;
}

async function textOf(context: ReporterContext): Promise<Reporter<SuiteEvent>> {
  const { SuiteText } = await import('../report/suite/text.ts');
  return new SuiteText(context);
}

function nothingRun({ scenarios }: SuiteDocument): string {
  const reasons = new Set(scenarios.map(({ reason }) => reason));
  return `nothing was run, every scenario was skipped: ${[...reasons].join('; ')}`;
}

function parseNeed(text: string): Need {
  const need = needNames.find((name) => name === text);
  if (need === undefined) throw new InvalidArgumentError(`Allowed choices are ${needNames.join(', ')}.`);
  return need;
}
