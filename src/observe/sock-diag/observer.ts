import { formatEndpoint } from '../../address.ts';
import { harmlessLines } from '../../foreign.ts';
import { SystemCallError } from '../../native/errno.ts';
import { type SockDiag, withSockDiag } from '../../native/sock-diag.ts';
import type { ObserverKind, Reading } from '../observer.ts';
import { isThisNetwork, type Place } from '../place.ts';
import { identityOf, type Row } from '../row.ts';
import { commandOf } from '../ss/observer.ts';
import { withOwners } from './owners.ts';
import { listeners, socketsWithPort } from './table.ts';

/** sock_diag(7), the source of ss, without starting a program. It also reports which end opened a connection. */
export const sockDiag: ObserverKind = {
  label: 'sock_diag',
  missing:
    'sock_diag does not answer: use it on this machine, outside a private network, or let --observer auto choose another way',
  open: async (place) => (canAnswer(place) ? { version: null, command: commandOf, read } : null),
};

async function read(ports: readonly number[]): Promise<Reading> {
  return withSockDiag((diag) => {
    const { rows, refused } = withOwners(() => socketsWithAny(diag, ports));
    return { rows, unread: [], raw: harmlessLines(rows.map(lineOf).join('\n')), refused };
  });
}

// A socket may have one of the ports at either end.
function socketsWithAny(diag: SockDiag, ports: readonly number[]): Row[] {
  const rows = ports.flatMap((port) => socketsWithPort(diag, port, undefined, 'open'));
  return [...new Map(rows.map((row) => [identityOf(row), row])).values()];
}

function lineOf(row: Row): string {
  const { state, receiveQueue, sendQueue, local, remote, timer, processes, uid, inode, cookie, open } = row;
  const details = [
    ...(timer === null ? [] : [`timer:(${timer.kind},${timer.leftMs}ms,${timer.retransmits})`]),
    ...processes.map(({ name, pid, fd }) => `user:("${name}",pid=${pid},fd=${fd})`),
    `uid:${uid} ino:${inode} sk:${cookie}`,
    ...(open === null ? [] : [`${open}-open`]),
  ];
  const ends = `${formatEndpoint(local)} ${formatEndpoint(remote)}`;
  return `${state} ${receiveQueue} ${sendQueue} ${ends} ${details.join(' ')}`;
}

// Whether netlink answers: a sandbox may forbid it, and a kernel may have been built without tcp_diag.
function canAnswer(place: Place): boolean {
  if (!isThisNetwork(place)) return false;
  try {
    withSockDiag(listeners);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}
