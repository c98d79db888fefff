import type { DiagSocket, SockDiag } from '../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../native/sockaddr.ts';
import type { TimerKind } from '../observe/row.ts';
import { numberOfState, stateOfNumber } from '../state.ts';
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

// By number, as in inet_sk_diag_fill() of the kernel's net/ipv4/inet_diag.c.
const timerKinds: readonly (TimerKind | null)[] = [null, 'on', 'keepalive', 'timewait', 'persist'];

function sightingOf(socket: DiagSocket): Sighting {
  const { family, local, remote, receiveQueue, sendQueue, uid, inode, opener, cookie, retransmits } = socket;
  const state = stateOfNumber(socket.state) ?? 'CLOSED';
  const kind = socket.timer === 0 ? null : (timerKinds[socket.timer] ?? 'unknown');
  return {
    family,
    state,
    local,
    remote,
    receiveQueue,
    sendQueue: state === 'LISTEN' ? 0 : sendQueue,
    timer: kind === null ? null : { kind, leftMs: socket.expiresMs, retransmits },
    processes: [],
    uid,
    inode,
    opener,
    key: cookie.toString(16),
  };
}
