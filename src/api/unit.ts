import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import { shownCommand } from '../foreign.ts';
import { serviceName } from '../restart/unit/name.ts';
import type { Unit } from '../restart/unit/systemd.ts';
import type { RestartOptions } from './restart.ts';

/** A service of systemd, instead of a command. */
export interface GivenUnit {
  /** Restart this service of systemd: `web.service`. */
  readonly unit?: string | undefined;
  /** Use the systemd of the user, not that of the system. */
  readonly user?: boolean | undefined;
}

/** Options for a command, and what a unit has instead of each. */
const ofCommands = {
  socket: ['--socket', 'a unit is tested on its TCP port: choose one with --port'],
  all: ['--all', 'its unit says how it is stopped (KillSignal=)'],
  ready: ['--ready', 'use --ready-http, or Type=notify in the unit'],
  pidFile: ['--pid-file', 'systemd knows its main process'],
  cwd: ['--cwd', 'its unit has WorkingDirectory='],
  env: ['--env', 'its unit has Environment='],
  drain: ['--drain', 'its unit has TimeoutStopSec='],
  handover: ['--handover', 'systemd starts a service once'],
  listenFds: ['--listen-fds', 'a socket unit does that'],
} as const satisfies Partial<Record<keyof RestartOptions, readonly [string, string]>>;

/**
 * undefined for a command.
 * @throws UsageError `bad-unit`, `unit-command`
 * @internal
 */
export function unitOf(command: readonly string[], options: RestartOptions): Unit | undefined {
  const { unit, user = false } = options;
  if (unit === undefined) {
    if (user) throw bad('--user is about a unit: name one with --unit, such as --unit web.service');
    refuseSystemd(command);
    return undefined;
  }
  if (command.length > 0) {
    throw bad(
      `--unit takes no command ("${shownCommand(command)}"): systemd starts the unit with the unit's own command`,
    );
  }
  for (const [name, [flag, why]] of Object.entries(ofCommands)) {
    const given = options[name as keyof typeof ofCommands];
    if (given !== undefined && given !== false) throw bad(`${flag} cannot be used with --unit: ${why}`);
  }
  if (/^(SIG)?TERM$/i.test(options.signal ?? 'TERM') === false)
    throw bad('--signal cannot be used with --unit: its unit says how it is stopped (KillSignal=)');
  return { name: serviceName(unit), scope: user ? 'user' : 'system' };
}

const verbs = /^(start|stop|restart|try-restart|reload|reload-or-restart|condrestart|force-reload)$/;

/** A command that hands the start to systemd ends at once, or a signal does not reach it. */
function refuseSystemd(command: readonly string[]): void {
  const at = command.findIndex((word) => !isPrefix(word));
  const [program = '', ...args] = command.slice(at);
  const name = basename(program);
  const shown = shownCommand(command);
  if (name === 'systemctl' || name === 'service') {
    if (!args.some((word) => verbs.test(word))) return;
    const user = args.includes('--user') ? ' --user' : '';
    const words = args.filter((word) => !word.startsWith('-') && !verbs.test(word));
    throw handedOver(
      `"${shown}" lets systemd start the server, and tcpclose cannot follow it there: restart the unit with "tcpclose restart --unit ${shownCommand([words[0] ?? 'web.service'])}${user}"`,
    );
  }
  if (name === 'systemd-run' && !args.includes('--scope')) {
    throw handedOver(
      `"${shown}" lets systemd start the server, and a signal to systemd-run does not stop it: add --scope (without --wait and --pipe), or start it with systemd-run --unit=NAME and restart it with "tcpclose restart --unit NAME"`,
    );
  }
}

function isPrefix(word: string): boolean {
  return /^(sudo|env|exec|nice|nohup)$/.test(basename(word)) || /^\w+=/.test(word) || word.startsWith('-');
}

function handedOver(message: string): UsageError {
  return new UsageError('unit-command', message);
}

function bad(message: string): UsageError {
  return new UsageError('bad-unit', message);
}
