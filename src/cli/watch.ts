import { once } from 'node:events';
import type { Command } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { parseDuration } from '../api/duration.ts';
import { type WatchOptions, watch } from '../api/watch.ts';
import { UsageError } from '../errors.ts';
import type { WatchDocument } from '../report/documents/watch.ts';
import type { CreateReporter, Reporter, ReporterContext } from '../report/reporter.ts';
import { Outcome } from '../report/watch/outcome.ts';
import type { WatchUpdate } from '../report/watch/update.ts';
import { unlessAborted } from '../time.ts';
import type { Invocation } from './command-entry.ts';
import {
  addPageOptions,
  type Given,
  launcherOption,
  launching,
  launchTimeoutOption,
} from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';
import type { ReporterChoice } from './reporter-choice.ts';

interface Options extends Given<Omit<WatchOptions, 'for'>> {
  readonly for?: number;
  readonly all?: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .optionsGroup('End:')
    .option('--for <duration>', 'stop after this time, such as 10s (default: at Ctrl-C)', parseDuration)
    .option('--until <condition>', "stop when this holds, such as 'TIME_WAIT=0' or 'ESTABLISHED>=2,LISTEN=1'")
    .optionsGroup('Place:')
    .option('--all', 'watch all connections of the machine, not only those of one port')
    .addOption(launcherOption())
    .addOption(launchTimeoutOption())
    .action(async (text: string | undefined, options: Options) => {
      const port = portOf(text, options.all ?? false);
      const end = await withReporters('watch', inLines(options), textFor(options), (reporter) =>
        report(port, options, interruption.signal, reporter),
      );
      finish(statusOf(end, options.until !== undefined));
    });
  addPageOptions(command, 'one JSON document per line');
}

/** A watch is not one document: JSON prints each event. */
function inLines({ json, reporter = [], ...options }: Options): OutputOptions {
  const all: readonly ReporterChoice[] = json ? [{ name: 'json', file: undefined }, ...reporter] : reporter;
  return {
    ...options,
    reporter: all.map((choice) => (choice.name === 'json' ? { ...choice, name: 'ndjson' } : choice)),
  };
}

function portOf(text: string | undefined, all: boolean): number | 'all' {
  if (all && text === undefined) return 'all';
  if (text !== undefined && !all) return parsePort(text.replace(/^:/, ''));
  throw new UsageError(
    'no-port',
    all
      ? `--all watches all ports: leave out ${text}`
      : 'a port is missing: name one, or watch the machine with --all',
  );
}

async function report(
  port: number | 'all',
  options: Options,
  signal: AbortSignal,
  reporter: Required<Reporter<WatchUpdate>>,
): Promise<WatchEnd> {
  const { for: span, until, on } = options;
  const outcome = new Outcome(port === 'all' ? null : port, until ?? null);
  let end: WatchEnd = 'interrupted';
  const onEvent = async (look: WatchUpdate) => {
    reporter.onEvent(look);
    for (const document of look.documents) outcome.see(document);
    // Unwritten output does not pile up: the next look waits for the reader.
    if (process.stdout.writableNeedDrain && !signal.aborted)
      await unlessAborted(signal, once(process.stdout, 'drain')).catch(() => {});
  };
  const seen = watch(port, {
    ...{ for: span, until, on, onEvent },
    ...launching(options),
    abortSignal: signal,
  });
  for await (const document of seen) {
    reporter.onLine(document);
    if (document.type === 'finished') end = document.reason;
  }
  outcome.report(reporter);
  return end;
}

type WatchEnd = Extract<WatchDocument, { type: 'finished' }>['reason'];

function statusOf(end: WatchEnd, hasCondition: boolean): number {
  return end === 'for' && hasCondition ? exitStatus.contradicted : exitStatus.asExpected;
}

function textFor({ reporter = [], for: forMs }: Options): CreateReporter<WatchUpdate> {
  const isLive = reporter.every(({ name }) => name !== 'text');
  return async (context: ReporterContext) => {
    const { stdout } = process;
    const isShown = context.output === stdout && stdout.isTTY && process.env['TERM'] !== 'dumb';
    if (isLive && isShown) {
      const { TerminalWatch } = await import('../report/watch/terminal.ts');
      return new TerminalWatch(stdout, context.paint, forMs);
    }
    const { watchText } = await import('../report/watch/text.ts');
    const lines = watchText(context);
    if (context.progress === 'none' || (context.output === stdout && stdout.isTTY)) return lines;
    const { withProgress } = await import('../report/watch/progress.ts');
    return withProgress(lines, forMs);
  };
}
