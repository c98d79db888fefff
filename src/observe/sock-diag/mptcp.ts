import { SystemCallError } from '../../native/errno.ts';
import { withSockDiag } from '../../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import { isThisNetwork, type Place } from '../place.ts';
import type { Row } from '../row.ts';
import { rowOf } from './table.ts';

/** The sockets of MPTCP with the port at either end, as "ss -M" lists them; empty if the kernel has none, or cannot be asked directly. */
export function readMptcp(place: Place, port: number): Row[] {
  if (!isThisNetwork(place)) return [];
  try {
    return withSockDiag((diag) =>
      [AF_INET, AF_INET6].flatMap((family) =>
        diag.list(family, { port, protocol: 'MPTCP' }).map((socket) => rowOf(socket, new Map())),
      ),
    );
  } catch (error) {
    if (error instanceof SystemCallError) return [];
    throw error;
  }
}
