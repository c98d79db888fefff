import { pairOf } from '../address.ts';
import type { Row } from '../observe/row.ts';
import { isEphemeral, type PortSettings } from './settings.ts';

/** In order of precedence: the first one explains a failed bind best. */
export const holderKinds = ['listener', 'bound', 'connection', 'client'] as const;
export type HolderKind = (typeof holderKinds)[number];

/** Determines the kind of each socket with this local port. A server's connection and a client's look alike in every table. */
export function kindTeller(
  port: number,
  sockets: readonly Row[],
  settings: PortSettings,
): (socket: Row) => HolderKind {
  const listened = sockets.some(({ state, local }) => state === 'LISTEN' && local.port === port);
  const known = sockets.filter(({ open }) => open !== null);
  const mirrors = new Map(known.map(({ local, remote, open }) => [pairOf(local, remote), open]));

  const isClient = (socket: Row): boolean => {
    if (socket.state === 'SYN_SENT') return true;
    if (socket.open !== null) return socket.open === 'active';
    // The other end may be on this machine too, and in the table.
    const opposite = mirrors.size === 0 ? undefined : mirrors.get(pairOf(socket.remote, socket.local));
    if (opposite !== undefined) return opposite === 'passive';
    if (listened || settings.ephemeral === null) return false;
    // Otherwise guess: a connection from an ephemeral port to one that is not ephemeral is a client's.
    return isEphemeral(port, settings) && socket.remote.port < settings.ephemeral[0];
  };

  return (socket) => {
    if (socket.state === 'LISTEN') return 'listener';
    if (socket.state === 'BOUND_INACTIVE' || socket.state === 'CLOSED') return 'bound';
    return isClient(socket) ? 'client' : 'connection';
  };
}
