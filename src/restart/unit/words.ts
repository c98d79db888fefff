import type { Cause } from '../trial.ts';
import { systemctl, type Unit } from './systemd.ts';

/** Replaces options of tcpclose that start a command: a unit has settings instead. */
export function inWordsOfUnits({ code, explanation, remedy }: Cause, unit: Unit): Cause {
  const edit = `"${systemctl(unit, 'edit').join(' ')}"`;
  return {
    code,
    explanation,
    remedy: remedy
      .replaceAll('--signal KILL', `KillSignal=SIGKILL (${edit})`)
      .replace(/--signal ([A-Z0-9]+)/g, (_, name: string) => `KillSignal=SIG${name} (${edit})`)
      .replaceAll('set --drain', `set TimeoutStopSec= (${edit})`)
      .replaceAll('--drain', 'TimeoutStopSec='),
  };
}
