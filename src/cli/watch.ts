import { once } from 'node:events';
import type { Command } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { parseDuration } from '../api/duration.ts';
import { launchPatience } from '../api/launching.ts';
import { parseConditions } from '../diagnose/watch/condition.ts';
import { type WatchEnd, type WatchEvent, watch } from '../diagnose/watch/watch.ts';
import { UsageError } from '../errors.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { watchDocumentsOf } from '../report/documents/watch.ts';
import type { CreateReporter, Reporter, ReporterContext } from '../report/reporter.ts';
import type { WatchUpdate } from '../report/watch/lines.ts';
import { Outcome } from '../report/watch/outcome.ts';
import { unlessAborted } from '../time.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, launcherOption, launching, launchTimeoutOption } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';
import type { ReporterChoice } from './reporter-choice.ts';

interface WatchOptions extends OutputOptions {
  readonly for?: number;
  readonly until?: string;
  readonly on?: string;
  readonly launchTimeout?: number;
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
    .action(async (text: string | undefined, options: WatchOptions) => {
      const port = portOf(text, options.all ?? false);
      const until = options.until === undefined ? [] : parseConditions(options.until);
      const { signal } = interruption;
      const place =
        options.on === undefined
          ? thisMachine
          : await openLauncher(options.on, signal, launchPatience(launching(options)));
      const forMs = options.for ?? Number.POSITIVE_INFINITY;
      const condition = options.until ?? null;
      const end = await withReporters('watch', inLines(options), textFor(options), async (reporter) => {
        const result = new Outcome(port, condition);
        const emit = (event: WatchEvent) => tell(reporter, result, event, options.on ?? null, signal);
        return watch({ place, port, forMs, until, signal, emit });
      });
      finish(statusOf(end, until.length > 0));
    });
  addPageOptions(command, 'one JSON document per line');
}

/** A watch has no one document: JSON prints what happens. */
function inLines({ json, reporter = [], ...options }: WatchOptions): OutputOptions {
  const all: readonly ReporterChoice[] = json ? [{ name: 'json', file: undefined }, ...reporter] : reporter;
  return {
    ...options,
    reporter: all.map((choice) => (choice.name === 'json' ? { ...choice, name: 'ndjson' } : choice)),
  };
}

/** null for all of the machine. */
function portOf(text: string | undefined, all: boolean): number | null {
  if (all && text === undefined) return null;
  if (text !== undefined && !all) return parsePort(text.replace(/^:/, ''));
  throw new UsageError(
    'no-port',
    all
      ? `--all watches all ports: leave ${text} out`
      : 'a port is missing: name one, or watch the machine with --all',
  );
}

async function tell(
  reporter: Required<Reporter<WatchUpdate>>,
  outcome: Outcome,
  event: WatchEvent,
  on: string | null,
  signal: AbortSignal,
): Promise<void> {
  const documents = watchDocumentsOf(event, on);
  const news = event.type === 'table' && !event.changed ? 'none' : 'some';
  reporter.onEvent({ documents, news });
  if (news === 'some') for (const document of documents) reporter.onLine(document);
  for (const document of documents) outcome.see(document);
  if (event.type === 'finished') outcome.report(reporter);
  // Unwritten output does not pile up: the next look waits for the reader.
  if (process.stdout.writableNeedDrain && event.type !== 'finished')
    await unlessAborted(signal, once(process.stdout, 'drain'));
}

function statusOf(end: WatchEnd, hasCondition: boolean): number {
  return end === 'for' && hasCondition ? exitStatus.contradicted : exitStatus.asExpected;
}

function textFor({ reporter = [] }: WatchOptions): CreateReporter<WatchUpdate> {
  const isLive = reporter.every(({ name }) => name !== 'text');
  return async (context: ReporterContext) => {
    const { stdout } = process;
    const isShown = context.output === stdout && stdout.isTTY && process.env['TERM'] !== 'dumb';
    if (isLive && isShown) {
      const { TerminalWatch } = await import('../report/watch/terminal.ts');
      return new TerminalWatch(stdout, context.paint);
    }
    const { watchText } = await import('../report/watch/text.ts');
    return watchText(context);
  };
}
