import { type SockDiag, withSockDiag } from '../../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import type { Quiet } from '../../native/tcp-quiet.ts';
import { numberOfState } from '../../state.ts';
import { isThisNetwork, type Place } from '../place.ts';
import type { Row } from '../row.ts';

/** What sock_diag says of a socket beyond its row. */
export interface Detail {
  /** Of a connection with a process; null if the kernel does not keep it. */
  readonly quiet: Quiet | null;
  /** Of a listener: how many connections may wait to be accepted; one more fits (sk_acceptq_is_full()). */
  readonly acceptLimit: number | null;
}

/** By the cookies of their rows, never of a row without one; empty where the kernel cannot be asked directly. */
export type Details = ReadonlyMap<string | null, Detail>;

const listen = numberOfState('LISTEN');

/** The details of all sockets with the port at either end. */
export function readDetails(place: Place, port: number): Details {
  return isThisNetwork(place) ? withSockDiag((diag) => detailsOf(diag, port)) : new Map();
}

function detailsOf(diag: SockDiag, port: number): Details {
  // Stryker disable next-line StringLiteral: the only value, of which only the presence is looked at
  const sockets = [AF_INET, AF_INET6].flatMap((family) => diag.list(family, { port, ask: 'open' }));
  return new Map(
    sockets.map(({ cookie, state, sendQueue, quiet }) => [
      cookie.toString(16),
      { quiet, acceptLimit: state === listen ? sendQueue : null },
    ]),
  );
}

/** By the cookie, which only sock_diag gives: rows of other observers have none. */
export function detailOf(details: Details, { cookie }: Row): Detail | undefined {
  return details.get(cookie);
}
