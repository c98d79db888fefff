import { findHolders } from '../../observe/proc/holders.ts';
import { readProcess } from '../../observe/processes.ts';
import { inodesOf } from '../target.ts';
import type { FoundUnit } from './found.ts';
import type { Unit } from './systemd.ts';

/** What systemd reports about a unit, as far as it affects a restart. */
export interface UnitFacts {
  readonly name: string;
  readonly scope: Unit['scope'];
  /** The values of Type= and Restart=. */
  readonly type: string;
  readonly restart: string;
  /** The socket units that hold its listener, which stays open across the restart. Empty if the service opens its own. */
  readonly sockets: readonly string[];
}

export function factsOf({ unit, state, target }: FoundUnit): UnitFacts {
  const { type, restart, sockets } = state;
  return { ...unit, type, restart, sockets: isOfSystemd(state.mainPid, target) ? sockets : [] };
}

/** Whether systemd itself holds the listener. If that is hidden, the service counts as the holder. */
function isOfSystemd(mainPid: number, target: FoundUnit['target']): boolean {
  const manager = readProcess(mainPid)?.parent ?? 1;
  const inodes = new Set(inodesOf(target));
  return findHolders((inode) => inodes.has(inode), [manager]).byInode.size > 0;
}
