import { UsageError } from '../errors.ts';
import type { ReloadBy } from '../restart/reload/reload.ts';
import type { RestartOptions } from './restart.ts';
import { anySignal } from './trials.ts';

/** What makes a server reload, instead of a restart. */
export interface GivenReload {
  /** Keep the server, and send it this signal under a load: `HUP`. */
  readonly reload?: string | undefined;
  /** Keep the server, and run this shell command under a load; $MAINPID is the server's pid. */
  readonly reloadCommand?: string | undefined;
  /**
   * Under a load, start the server a second time, and stop the first when the second listens. With a signal (`USR2`) the server starts its
   * successor itself.
   */
  readonly handover?: boolean | string | undefined;
}

/** Options of a restart that mean nothing for a reload. */
const ofRestart = {
  ...{ all: '--all', clientsClose: '--clients-close', untilRecovered: '--until-recovered' },
  ...{ drain: '--drain', preStop: '--pre-stop' },
} as const satisfies Partial<Record<keyof RestartOptions, string>>;

/**
 * undefined for a restart.
 * @throws UsageError for options that exclude each other
 * @internal
 */
export function reloadOf(options: RestartOptions): ReloadBy | undefined {
  const { reload, reloadCommand, handover = false, order = 'server-first', signal = 'SIGTERM' } = options;
  const given = {
    '--reload': reload,
    '--reload-command': reloadCommand,
    '--handover': handover === false ? undefined : handover,
  };
  const flags = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  const [flag] = flags;
  if (flag === undefined) return undefined;
  if (flags.length > 1) throw usage(`${flags.join(' and ')} exclude each other: choose one`);
  const not = (given: string) =>
    usage(`${given} is about a restart that stops the server first, and ${flag} does not: leave one out`);
  for (const [name, given] of Object.entries(ofRestart)) {
    if (![undefined, false].includes(options[name as keyof typeof ofRestart] as undefined)) throw not(given);
  }
  if (order !== 'server-first') throw not('--order');
  if (handover === false && anySignal(signal) !== 'SIGTERM') throw not('--signal');
  if (options.load === false) throw usage(`${flag} makes a load: leave out load: false`);
  if (handover !== false) {
    const by = handover === true ? undefined : anySignal(handover);
    return { kind: 'handover', signal: anySignal(signal), by };
  }
  if (reload !== undefined) return { kind: 'signal', signal: anySignal(reload) };
  if (reloadCommand?.trim()) return { kind: 'command', command: reloadCommand };
  throw usage("--reload-command is empty: give a command such as 'kill -HUP $MAINPID'");
}

function usage(message: string): UsageError {
  return new UsageError('bad-reload', message);
}
