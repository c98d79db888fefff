import type { Cause } from '../trial.ts';
import { quotedCommand, type Unit } from './systemd.ts';

/** Replaces options of tcpclose that start a command: a unit has settings instead. */
export function inWordsOfUnits(cause: Cause, unit: Unit): Cause {
  const edit = quotedCommand(unit, 'edit');
  return {
    ...cause,
    remedy: cause.remedy
      .replaceAll('--signal KILL', `KillSignal=SIGKILL (${edit})`)
      .replace(/--signal ([A-Z0-9]+)/g, (_, name: string) => `KillSignal=SIG${name} (${edit})`)
      .replaceAll('set --drain', `set TimeoutStopSec= (${edit})`)
      .replaceAll('--drain', 'TimeoutStopSec='),
  };
}
