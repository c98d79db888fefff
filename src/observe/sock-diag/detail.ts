import { type SockDiag, withSockDiag } from '../../native/sock-diag.ts';
import { AF_INET, AF_INET6 } from '../../native/sockaddr.ts';
import type { Quiet } from '../../native/tcp-quiet.ts';
import { numberOfState } from '../../state.ts';
import { isThisNetwork, type Place } from '../place.ts';
import type { Row } from '../row.ts';

/** What sock_diag reports about a socket beyond its row. */
export interface Detail {
  /** Of a connection with a process; null if the kernel does not keep it. */
  readonly quiet: Quiet | null;
  /** For a listener: how many connections may wait to be accepted; one more fits (sk_acceptq_is_full()). */
  readonly backlog: number | null;
}

/** By the cookies of their rows; rows without one are missing. Empty if the kernel cannot be asked directly. */
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
      { quiet, backlog: state === listen ? sendQueue : null },
    ]),
  );
}

/** By the cookie, which only sock_diag reports: rows of other observers have none. */
export function detailOf(details: Details, { cookie }: Row): Detail | undefined {
  return details.get(cookie);
}
