import { once } from 'node:events';
import type { Command } from 'commander';
import { parseConditions } from '../diagnose/watch/condition.ts';
import { type WatchEnd, type WatchEvent, watch } from '../diagnose/watch/watch.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { watchDocumentsOf } from '../report/documents/watch.ts';
import { createPaint } from '../report/paint.ts';
import type { WatchReporter } from '../report/watch/reporter.ts';
import { unlessAborted } from '../time.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption } from './common-options.ts';
import { parseDuration } from './duration.ts';
import { exitStatus } from './exit-status.ts';
import { parsePort } from './network-options.ts';

interface WatchOptions {
  readonly for?: number;
  readonly until?: string;
  readonly on?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--for <duration>', 'end after that long, such as 10s (default: until Ctrl-C)', parseDuration)
    .option('--until <condition>', "end when it holds, such as 'TIME_WAIT=0' or 'ESTABLISHED>=2,LISTEN=1'")
    .option(
      '--on <launcher>',
      'look behind a command such as "ssh box", which needs ss, netstat or /proc there',
    )
    .addOption(jsonOption('one JSON document per line'))
    .addOption(colorOption())
    .action(async (text: string, options: WatchOptions) => {
      const port = parsePort(text);
      const until = options.until === undefined ? [] : parseConditions(options.until);
      const { signal } = interruption;
      const place = options.on === undefined ? thisMachine : await openLauncher(options.on, signal);
      const reporter = await reporterFor(options);
      const forMs = options.for ?? Number.POSITIVE_INFINITY;
      const emit = async (event: WatchEvent) => {
        if (event.type === 'table' && !event.changed && !reporter.wantsTable) return;
        // Unwritten output does not pile up: the next look waits for the reader.
        if (!reporter.on(watchDocumentsOf(event, options.on ?? null)) && event.type !== 'finished')
          await unlessAborted(signal, once(process.stdout, 'drain'));
      };
      finish(statusOf(await watch({ place, port, forMs, until, signal, emit }), until.length > 0));
    });
}

function statusOf(end: WatchEnd, hasCondition: boolean): number {
  return end === 'for' && hasCondition ? exitStatus.contradicted : exitStatus.asExpected;
}

async function reporterFor({ json, color }: WatchOptions): Promise<WatchReporter> {
  const { stdout } = process;
  if (json) {
    const { NdjsonWatch } = await import('../report/watch/stream.ts');
    return new NdjsonWatch(stdout);
  }
  const paint = await createPaint(color ? 'auto' : 'never', stdout.isTTY === true);
  if (stdout.isTTY && process.env['TERM'] !== 'dumb') {
    const { TerminalWatch } = await import('../report/watch/terminal.ts');
    return new TerminalWatch(stdout, paint);
  }
  const { TextWatch } = await import('../report/watch/stream.ts');
  return new TextWatch(stdout, paint);
}
