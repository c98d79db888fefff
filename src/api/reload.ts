import { UsageError } from '../errors.ts';
import type { ReloadBy } from '../restart/reload/reload.ts';
import type { RestartOptions } from './restart.ts';
import { anySignal } from './trials.ts';

/** What tells a server to reload, instead of a restart. */
export interface GivenReload {
  /** Keep the server, and send it this signal, under a load: `HUP`. */
  readonly reload?: string | undefined;
  /** Keep the server, and run this command of a shell, under a load; $MAINPID is the pid of the server. */
  readonly reloadCommand?: string | undefined;
}

/** Those of a restart have no meaning in a reload. */
const ofRestart = {
  ...{ all: '--all', clientsClose: '--clients-close', untilRecovered: '--until-recovered' },
  ...{ drain: '--drain', preStop: '--pre-stop' },
} as const satisfies Partial<Record<keyof RestartOptions, string>>;

/**
 * undefined for a restart.
 * @throws UsageError for options that do not go together
 * @internal
 */
export function reloadOf(options: RestartOptions): ReloadBy | undefined {
  const { reload, reloadCommand, order = 'server-first', signal = 'SIGTERM' } = options;
  if (reload === undefined && reloadCommand === undefined) return undefined;
  if (reload !== undefined && reloadCommand !== undefined)
    throw usage('--reload and --reload-command exclude each other: choose one');
  const flag = reload === undefined ? '--reload-command' : '--reload';
  const not = (given: string) =>
    usage(`${given} is about a restart, and ${flag} does not stop the server: leave one out`);
  for (const [name, given] of Object.entries(ofRestart)) {
    if (![undefined, false].includes(options[name as keyof typeof ofRestart] as undefined)) throw not(given);
  }
  if (order !== 'server-first') throw not('--order');
  if (anySignal(signal) !== 'SIGTERM') throw not('--signal');
  if (options.load === false) throw usage(`${flag} makes a load: leave out load: false`);
  if (reload !== undefined) return { kind: 'signal', signal: anySignal(reload) };
  if (reloadCommand?.trim()) return { kind: 'command', command: reloadCommand };
  throw usage("--reload-command is empty: give a command such as 'kill -HUP $MAINPID'");
}

function usage(message: string): UsageError {
  return new UsageError('bad-reload', message);
}
