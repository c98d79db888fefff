import { constants } from 'node:os';
import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { runProgram } from '../../lab/hosts/run-program.ts';
import type { Ending } from '../trial.ts';

/** A service, and the systemd that runs it. */
export interface Unit {
  readonly name: string;
  readonly scope: 'system' | 'user';
}

/** What systemd reports about a service at one moment, as "systemctl show" does. */
export interface UnitState {
  readonly loaded: string;
  readonly active: string;
  readonly sub: string;
  /** 0 if the service has no main process. */
  readonly mainPid: number;
  readonly type: string;
  /** The value of Restart=. */
  readonly restart: string;
  readonly result: string;
  /** How many times systemd has restarted it automatically since the last start by an administrator. */
  readonly restarts: number;
  /** How the last main process ended; undefined while it runs. */
  readonly ending: Ending | undefined;
  /** Whether a start or a stop is still pending. */
  readonly job: 'waiting' | 'none';
  /** An id that differs for each start. */
  readonly invocation: string;
  readonly controlGroup: string;
  /** The value of KillSignal=: the signal that stops it. */
  readonly stopSignal: NodeJS.Signals;
  /** The socket units that open its listeners. */
  readonly sockets: readonly string[];
  readonly canReload: 'yes' | 'no';
}

const properties = [
  ...['LoadState', 'ActiveState', 'SubState', 'MainPID', 'Type', 'Restart', 'Result', 'NRestarts', 'Job'],
  ...['ExecMainCode', 'ExecMainStatus', 'InvocationID', 'ControlGroup', 'KillSignal', 'TriggeredBy'],
  'CanReload',
];
const deadlineMs = 60_000;

/** The words of a systemctl(1) command about a unit, as a user would type them. */
export function systemctl({ name, scope }: Unit, verb: string): string[] {
  return ['systemctl', ...(scope === 'user' ? ['--user'] : []), verb, name];
}

/** The same in quotes, for a sentence. */
export function quotedCommand(unit: Unit, verb: string): string {
  return `"${systemctl(unit, verb).join(' ').trim()}"`;
}

/** @throws TcpcloseError `no-systemd` if systemd does not answer */
export async function stateOf(unit: Unit, signal?: AbortSignal): Promise<UnitState> {
  const text = await ask(unit, ['show', `--property=${properties.join()}`, '--', unit.name], signal);
  const found = new Map(text.split('\n').map((line) => splitOnce(line)));
  const value = (name: string) => found.get(name) ?? '';
  return {
    loaded: value('LoadState'),
    active: value('ActiveState'),
    sub: value('SubState'),
    mainPid: Number(value('MainPID')),
    type: value('Type'),
    restart: value('Restart'),
    result: value('Result'),
    restarts: Number(value('NRestarts')),
    ending: endingOf(Number(value('ExecMainCode')), Number(value('ExecMainStatus'))),
    job: ['', '0'].includes(value('Job')) ? 'none' : 'waiting',
    invocation: value('InvocationID'),
    controlGroup: value('ControlGroup'),
    stopSignal: signalOf(Number(value('KillSignal'))),
    sockets: value('TriggeredBy')
      .split(' ')
      .filter((name) => name.endsWith('.socket')),
    canReload: value('CanReload') === 'yes' ? 'yes' : 'no',
  };
}

/** Makes systemd restart or start it, without waiting: the job is carried out even if tcpclose ends. */
export async function order(unit: Unit, verb: 'restart' | 'start' | 'reset-failed'): Promise<void> {
  const noBlock = verb === 'reset-failed' ? [] : ['--no-block'];
  await ask(unit, ['--no-ask-password', ...noBlock, verb, '--', unit.name]);
}

/** The output since a time of the clock, in milliseconds; empty if the journal is not readable. */
export async function journalSince(unit: Unit, since: number): Promise<string> {
  const which = unit.scope === 'user' ? '--user-unit' : '--unit';
  const words = [`${which}=${unit.name}`, `--since=@${Math.floor(since / 1000)}`, '--output=cat'];
  const { stdout } = await runProgram(['journalctl', '--no-pager', '--quiet', '--lines=200', ...words]);
  return stdout;
}

async function ask({ scope }: Unit, words: readonly string[], signal?: AbortSignal): Promise<string> {
  const whose = scope === 'user' ? ['--user'] : [];
  const command = ['systemctl', ...whose, '--no-pager', ...words] as [string, ...string[]];
  const { stdout, stderr, exitCode } = await runProgram(command, signal, deadlineMs);
  if (exitCode === 0) return stdout;
  throw exitCode === -1 ? notThere() : refused(words, stderr, exitCode);
}

function notThere(): TcpcloseError {
  return new TcpcloseError(
    'no-systemd',
    'there is no systemctl here: start the server by its command instead, "tcpclose restart -- <command>"',
  );
}

function refused(words: readonly string[], stderr: string, status: number): TcpcloseError {
  const why = harmless(stderr.trim().split('\n')[0] || `status ${status}`);
  if (/not been booted|connect to (the )?bus|DBUS_SESSION/i.test(stderr)) {
    return new TcpcloseError(
      'no-systemd',
      `systemd does not answer (${why}): run tcpclose where systemd is the init, as the user of the unit, or test the command itself`,
    );
  }
  const verb = words.find((word) => !word.startsWith('-')) ?? '';
  const remedy = /access denied|authentication|permi/i.test(stderr)
    ? 'run tcpclose as root (sudo)'
    : 'look at "systemctl status"';
  return new TcpcloseError('unit-refused', `systemd does not ${verb} the unit (${why}): ${remedy}`);
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** By si_code of waitid(2): 1 is exited, 2 killed, 3 dumped. */
function endingOf(code: number, status: number): Ending | undefined {
  if (code === 1) return { status, signal: null };
  return code === 2 || code === 3 ? { status: null, signal: signalOf(status) } : undefined;
}

function signalOf(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, known]) => known === number);
  return (found?.[0] ?? 'SIGTERM') as NodeJS.Signals;
}
