import { Shell } from '../diagnose/advice/shell.ts';
import type { Host } from '../lab/hosts/host.ts';
import { ownCommand } from './own-command.ts';

/** Writes commands that a user with that id can paste there. */
export function shellAt(place: Host, uid: number | null, on: string | undefined): Shell {
  return new Shell({
    wrap: (command) => place.wrap(command),
    uid,
    tcpclose: ownCommand(),
    launcher: place.prefix,
    on: on === undefined ? [] : ['--on', on],
  });
}
