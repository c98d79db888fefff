import { restOf } from '../../diagnose/situation/rest.ts';
import type { Place } from '../../observe/place.ts';
import { findHoldersOf } from './holders.ts';
import type { Socket } from './sockets.ts';

/** What the processes of listeners wait for at one moment. */
export interface Rests {
  /** On the axis of performance.now(). */
  readonly atMs: number;
  /** What one process waits for, if that cannot be a connection to this listener. */
  of(inode: number, pid: number): string | undefined;
}

/** Looks at the listeners whose processes an ordinary user may see; as root, at all of them. */
export function readRests(listeners: Iterable<Socket>, place: Place): Rests {
  const rests = new Map<string, string>();
  if (place.procNet !== undefined) {
    for (const [inode, holders] of findHoldersOf(visible(listeners))) {
      for (const { pid } of holders) {
        const rest = restOf({ inode, processes: [{ pid }] });
        if (rest !== null) rests.set(`${inode} ${pid}`, rest);
      }
    }
  }
  return { atMs: performance.now(), of: (inode, pid) => rests.get(`${inode} ${pid}`) };
}

function visible(listeners: Iterable<Socket>): Set<number> {
  const ownUid = process.geteuid?.();
  const seen = [...listeners].filter(({ uid }) => ownUid === 0 || uid === ownUid);
  return new Set(seen.flatMap(({ inode }) => inode ?? []));
}
