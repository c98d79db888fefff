import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { canonicalAddress, readPort } from '../address.ts';
import { audit as look } from '../audit/audit.ts';
import type { Scope } from '../audit/scope.ts';
import {
  defaultThresholds,
  thresholds as limits,
  type ThresholdName,
  thresholdNames,
} from '../audit/thresholds.ts';
import { UsageError } from '../errors.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { readMachine } from '../observe/machine.ts';
import { type AuditDocument, auditDocumentOf } from '../report/documents/audit.ts';
import { parsePort } from './addresses.ts';
import { type Duration, msOf } from './duration.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';
import { type Launching, launchPatience } from './launching.ts';
import { shellAt } from './shell.ts';
import { type WaitingEvent, waitingEvents } from './waiting.ts';

/** An age is a span of time, and a share is in percent. */
type GivenThresholds = {
  readonly [Name in ThresholdName]?:
    | ((typeof limits)[Name]['unit'] extends 'ms' ? Duration : number)
    | undefined;
};

/** Besides these, every threshold by its name: the limit from which something is wrong. */
export interface AuditOptions extends Following<WaitingEvent>, Launching, GivenThresholds {
  /** Look at the sockets of this process only. */
  readonly pid?: number | undefined;
  /** Look at this port only, at either end. */
  readonly port?: number | undefined;
  /** Look at connections to this destination only: `db:5432`. */
  readonly remote?: string | undefined;
  /** Read the sockets twice, this far apart; 0 reads them once (default: 0.5 s). */
  readonly for?: Duration | undefined;
  /** Look behind a prefix command, such as `ssh box`. */
  readonly on?: string | undefined;
}

export async function audit(options: AuditOptions = {}): Promise<AuditDocument> {
  requireProcesses();
  const signal = signalOf(options);
  const { on } = options;
  const scope = await scopeOf(options);
  const place = on === undefined ? thisMachine : await openLauncher(on, signal, launchPatience(options));
  const shell = (uid: number | null) => shellAt(place, uid, on);
  const thresholds = { ...defaultThresholds(), ...chosenThresholds(options) };
  const progress = waitingEvents(options.onEvent);
  const forMs = msOf(options.for ?? '500ms');
  const found = await look({ place, scope, forMs, thresholds, shell, signal, progress });
  const name = nameOfScope(options);
  const machine = await readMachine(place, signal);
  return auditDocumentOf(found, { on: on ?? null, machine, scope: name, thresholds, shell: shell(null) });
}

function chosenThresholds(options: AuditOptions): Partial<Record<ThresholdName, number>> {
  return Object.fromEntries(
    thresholdNames.flatMap((name) => {
      const given = options[name];
      return given === undefined
        ? []
        : [[name, limits[name].unit === 'ms' ? msOf(given) : numberOf(name, given)]];
    }),
  );
}

function numberOf(name: ThresholdName, given: number | string): number {
  const number = typeof given === 'number' ? given : Number(given.trim() || Number.NaN);
  if (number >= 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new UsageError('bad-number', `"${given}" is not a number: give ${name} one such as 80`);
}

export function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid >= 1 && pid <= 2 ** 22) return pid;
  throw new UsageError('bad-pid', `"${text}" is not a process: give its number`);
}

async function scopeOf({ pid, port, remote }: AuditOptions): Promise<Scope> {
  if (pid !== undefined) return { kind: 'pid', pid: parsePid(String(pid)) };
  if (port !== undefined) return { kind: 'port', port: parsePort(String(port)) };
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

function nameOfScope({ pid, port, remote, on = 'this machine' }: AuditOptions): string {
  if (pid !== undefined) return `process ${pid}`;
  if (port !== undefined) return `port ${port} of ${on}`;
  return remote === undefined ? on : `connections to ${remote}`;
}
