import type { Opener } from '../native/opener.ts';
import type { Holder, Row } from '../observe/row.ts';

/** A process that has the socket open; with its descriptor where that is known. */
export interface SightedHolder extends Holder {
  readonly fd?: number;
}

/** One socket of the port, as far as it could be seen. */
export interface Sighting extends Omit<Row, 'processes'> {
  readonly processes: readonly SightedHolder[];
  /** Which end connected; null where that cannot be told. */
  readonly opener: Opener | null;
  /** The same for one socket from its birth to the end of its TIME_WAIT. */
  readonly key: string;
}

/** What was seen of the port, and how. */
export interface Sightings {
  readonly sockets: readonly Sighting[];
  readonly way: 'sock_diag' | 'ss' | 'netstat' | '/proc/net/tcp';
  /** How many processes did not let their descriptors be seen; null where that is not known. */
  readonly refused: number | null;
}

/** No process owns the socket: the kernel alone keeps it, as it does TIME_WAIT and what was left by a close. */
export function isOwnerless({ inode, state }: Pick<Sighting, 'inode' | 'state'>): boolean {
  return inode === null ? state === 'TIME_WAIT' : inode === 0;
}
