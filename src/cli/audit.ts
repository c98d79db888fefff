import { type Command, Option } from 'commander';
import { parsePort } from '../api/addresses.ts';
import { type AuditOptions, audit, parsePid } from '../api/audit.ts';
import { parseDuration } from '../api/duration.ts';
import { findingKinds } from '../audit/registry.ts';
import { type ThresholdName, thresholdNames, thresholds } from '../audit/thresholds.ts';
import { UsageError } from '../errors.ts';
import { auditCases } from '../report/audit/cases.ts';
import { auditSummary, auditText } from '../report/audit/text.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { AuditDocument } from '../report/documents/audit.ts';
import { textOfDocument } from '../report/reporter.ts';
import type { Invocation } from './command-entry.ts';
import {
  addPageOptions,
  type Given,
  launcherOption,
  launching,
  launchTimeoutOption,
} from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { withReporters } from './output.ts';
import { whileWaiting } from './user-command.ts';

interface Options extends Given<AuditOptions> {
  readonly long?: boolean;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
    .optionsGroup('Scope:')
    .addOption(
      new Option('--pid <n>', 'look at the sockets of this process only')
        .argParser(parsePid)
        .conflicts(['port', 'remote']),
    )
    .addOption(
      new Option('--port <n>', 'look at this port only, at either end')
        .argParser(parsePort)
        .conflicts(['pid', 'remote']),
    )
    .addOption(
      new Option('--remote <host:port>', 'look at connections to this destination only').conflicts([
        'pid',
        'port',
      ]),
    )
    .addOption(
      new Option('--for <duration>', 'read the sockets twice, this far apart; 0 reads them once')
        .argParser(parseDuration)
        .default(500, '500ms'),
    )
    .addOption(launcherOption())
    .addOption(launchTimeoutOption())
    .optionsGroup('Result:')
    .option('--long', 'print everything: each finding in full, whatever the height of the screen');
  command.optionsGroup('Thresholds:');
  for (const name of thresholdNames) command.addOption(thresholdOption(name));
  addPageOptions(command);
  command.action(async (options: Options) => {
    const text = textOfDocument<AuditDocument>((document, paint) =>
      auditText(document, paint, options.long ? 'everything' : 'one screen'),
    );
    finish(
      await withReporters('audit', options, text, async (reporter) => {
        const startedAt = performance.now();
        const document = await whileWaiting((onEvent) =>
          audit({ ...options, ...launching(options), abortSignal: signal, onEvent }),
        );
        const { findings, thresholds: _, ...common } = document;
        reportAtEnd(reporter, document, {
          cases: auditCases(document, findingKinds),
          lines: linesOf('finding', findings, { schemaVersion: 1, scope: common.scope }, common),
          durationMs: performance.now() - startedAt,
          summary: auditSummary(document),
        });
        return statusOf[document.verdict];
      }),
    );
  });
}

function thresholdOption(name: ThresholdName): Option {
  const { unit, shown, description, source } = thresholds[name];
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const value = unit === 'ms' ? '<duration>' : unit === 'percent' ? '<percent>' : '<n>';
  return new Option(`--${flag} ${value}`, `${description} (default: ${shown}, by ${source})`).argParser(
    (text: string) => (unit === 'ms' ? parseDuration(text) : parseNumber(text, flag)),
  );
}

function parseNumber(text: string, flag: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && Number.isFinite(number)) return number;
  throw new UsageError('bad-number', `"${text}" is not a number: give --${flag} one such as 80`);
}
