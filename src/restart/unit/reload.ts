import { quoteForShell } from '../../lab/hosts/launcher.ts';
import type { ReloadBy } from '../reload/reload.ts';
import type { Unit } from './systemd.ts';

/** A signal to a unit is sent by systemd, which knows its main process. */
export function reloadOfUnit(unit: Unit | undefined, by: ReloadBy | undefined): ReloadBy | undefined {
  if (unit === undefined || by?.kind !== 'signal') return by;
  const words = [
    'systemctl',
    ...(unit.scope === 'user' ? ['--user'] : []),
    ...['kill', '--kill-who=main', `--signal=${by.signal}`, '--', unit.name],
  ];
  return { kind: 'command', command: words.map(quoteForShell).join(' ') };
}
