import type { DiagSocket, SockDiag } from '../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../native/sockaddr.ts';
import { rowOf } from '../observe/port-table.ts';
import { numberOfState } from '../state.ts';
import type { Sighting } from './sighting.ts';

const boundOnly = 1 << numberOfState('BOUND_INACTIVE');
const allOthers = boundOnly - 1;

/** What is asked of the kernel beside the plain list. */
export type Detail = 'plain' | 'with openers';

/** All sockets that have the port at either end, also those that are bound and do not listen; processes are not looked for. */
export function listSockets(diag: SockDiag, port: number, detail: Detail): Sighting[] {
  const found: Sighting[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    const options = {
      port,
      states: allOthers,
      ...(detail === 'with openers' ? { ask: 'opener' as const } : {}),
    };
    for (const socket of diag.list(family, options)) found.push(sightingOf(socket));
    for (const socket of diag.list(family, { port, states: boundOnly })) {
      found.push({ ...sightingOf(socket), state: 'BOUND_INACTIVE' });
    }
  }
  return found;
}

function sightingOf(socket: DiagSocket): Sighting {
  return { ...rowOf(socket, new Map()), opener: socket.opener, key: socket.cookie.toString(16) };
}
