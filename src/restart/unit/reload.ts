import { quoteForShell } from '../../lab/hosts/launcher.ts';
import type { ReloadBy } from '../reload/reload.ts';
import type { Unit } from './systemd.ts';

/** For a unit, systemd sends the signal, because it knows the main process. */
export function reloadOfUnit(unit: Unit | undefined, by: ReloadBy | undefined): ReloadBy | undefined {
  if (unit === undefined || by?.kind !== 'signal') return by;
  const words = [
    'systemctl',
    ...(unit.scope === 'user' ? ['--user'] : []),
    ...['kill', '--kill-who=main', `--signal=${by.signal}`, '--', unit.name],
  ];
  return { kind: 'command', command: words.map(quoteForShell).join(' ') };
}
