import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Command, Option } from 'commander';
import { canonicalAddress, readPort } from '../address.ts';
import { audit } from '../audit/audit.ts';
import { findingKinds } from '../audit/registry.ts';
import type { Scope } from '../audit/scope.ts';
import { defaultThresholds, type ThresholdName, thresholdNames, thresholds } from '../audit/thresholds.ts';
import { Shell } from '../diagnose/advice/shell.ts';
import { UsageError } from '../errors.ts';
import { type Host, thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { auditCases } from '../report/audit/cases.ts';
import { auditText } from '../report/audit/text.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { type AuditDocument, auditDocumentOf } from '../report/documents/audit.ts';
import { textOfDocument } from '../report/reporter.ts';
import type { Invocation } from './commands.ts';
import { addReporterOptions, launcherOption } from './common-options.ts';
import { parseDuration } from './duration.ts';
import { statusOf } from './exit-status.ts';
import { parsePort } from './network-options.ts';
import { type OutputOptions, withReporters } from './output.ts';
import { ownCommand } from './own-command.ts';

interface AuditOptions extends OutputOptions, Partial<Readonly<Record<ThresholdName, number>>> {
  readonly pid?: number;
  readonly port?: number;
  readonly remote?: string;
  readonly for: number;
  readonly on?: string;
  readonly long?: boolean;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
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
      new Option('--for <duration>', 'look twice, this far apart; 0 looks once')
        .argParser(parseDuration)
        .default(1000, '1s'),
    )
    .addOption(launcherOption())
    .option('--long', 'print everything: each finding in full, whatever the height of the screen');
  for (const name of thresholdNames) command.addOption(thresholdOption(name));
  addReporterOptions(command);
  command.action(async (options: AuditOptions) => {
    const scope = await scopeOf(options);
    const place = options.on === undefined ? thisMachine : await openLauncher(options.on, signal);
    const shell = (uid: number | null) => shellAt(place, uid, options);
    const limits = { ...defaultThresholds(), ...chosenThresholds(options) };
    const text = textOfDocument<AuditDocument>((document, paint) =>
      auditText(document, paint, options.long ? 'everything' : 'one screen'),
    );
    finish(
      await withReporters('audit', options, text, async (reporter) => {
        const startedAt = performance.now();
        const found = await audit({ place, scope, forMs: options.for, thresholds: limits, shell, signal });
        const document = auditDocumentOf(found, {
          on: options.on ?? null,
          scope: nameOfScope(options),
          thresholds: limits,
          shell: shell(null),
        });
        const { findings, thresholds: _, ...common } = document;
        const wrong = findings.filter(({ severity }) => severity === 'wrong').length;
        reportAtEnd(reporter, document, {
          cases: auditCases(document, findingKinds),
          lines: linesOf('finding', findings, { schemaVersion: 1, scope: common.scope }, common),
          durationMs: performance.now() - startedAt,
          summary:
            wrong === 0
              ? {
                  level: 'notice',
                  text:
                    found.unseen.length === 0 ? 'nothing is wrong' : 'nothing is wrong in what could be seen',
                }
              : { level: 'error', text: `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong` },
        });
        return statusOf[found.verdict];
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

function chosenThresholds(options: AuditOptions): Partial<Record<ThresholdName, number>> {
  return Object.fromEntries(
    thresholdNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

function parseNumber(text: string, flag: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && Number.isFinite(number)) return number;
  throw new UsageError('bad-number', `"${text}" is not a number: give --${flag} one such as 80`);
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid >= 1 && pid <= 2 ** 22) return pid;
  throw new UsageError('bad-pid', `"${text}" is not a process: give its number`);
}

async function scopeOf({ pid, port, remote }: AuditOptions): Promise<Scope> {
  if (pid !== undefined) return { kind: 'pid', pid };
  if (port !== undefined) return { kind: 'port', port };
  return remote === undefined ? { kind: 'machine' } : parseRemote(remote);
}

/** A destination: an address or a name, and a port. */
async function parseRemote(text: string): Promise<Scope> {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = readPort(match?.[3] ?? '');
  if (match === null || port === undefined || port === 0) {
    throw new UsageError(
      'bad-remote',
      `"${text}" is not a destination: give one such as 10.0.0.2:5432, [::1]:80 or db:5432`,
    );
  }
  return { kind: 'remote', addresses: await addressesOf(host), port };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [canonicalAddress(host) ?? host];
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => canonicalAddress(address) ?? address);
  } catch (error) {
    throw new UsageError('bad-remote', `"${host}" cannot be resolved: give an address`, error);
  }
}

function nameOfScope({ pid, port, remote, on }: AuditOptions): string {
  const where = on === undefined ? 'this machine' : on;
  if (pid !== undefined) return `process ${pid}`;
  if (port !== undefined) return `port ${port} of ${where}`;
  return remote === undefined ? where : `connections to ${remote}`;
}

function shellAt(place: Host, uid: number | null, { on }: AuditOptions): Shell {
  return new Shell({
    wrap: (command) => place.wrap(command),
    uid,
    tcpclose: ownCommand(),
    on: on === undefined ? [] : ['--on', on],
  });
}
