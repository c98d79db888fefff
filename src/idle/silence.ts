import { type Endpoint, sameEndpoint } from '../address.ts';
import { SystemCallError } from '../native/errno.ts';
import { withSockDiag } from '../native/sock-diag.ts';
import type { Row } from '../observe/row.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import type { FoundPlace } from './place.ts';

/**
 * Which of the server's connections would notice a lost other side although no data is sent: those with a keepalive timer (SO_KEEPALIVE,
 * RFC 9293, section 3.8.4). The kernel shows timers only for sockets of this machine.
 */
export type Silence =
  | { readonly state: 'not seen'; readonly reason: string }
  | {
      readonly state: 'seen';
      /** Whether the server sets a keepalive timer on the connections of tcpclose, and when it fires at the latest. */
      readonly keepalive: 'on' | 'off';
      readonly firstProbeMs: number | null;
      /** The established connections of others on the port: their number, and how many have no such timer. */
      readonly others: number;
      readonly silent: number;
    };

/** @param own the ends of tcpclose's connections */
export function silenceOf({ port, where }: FoundPlace, own: readonly Endpoint[]): Silence {
  if (where === 'elsewhere') return { state: 'not seen', reason: 'the server is on another machine' };
  try {
    const rows = withSockDiag((diag) => socketsOnPort(diag, port)).filter(
      ({ state }) => state === 'ESTABLISHED',
    );
    const isOwn = ({ remote }: Row) => own.some((end) => sameEndpoint(end, remote));
    const probed = rows.filter(isOwn);
    const others = rows.filter((row) => !isOwn(row));
    if (probed.length === 0)
      return { state: 'not seen', reason: "its end is not in this network's table, as of a container" };
    const timers = probed.flatMap(({ timer }) => (timer?.kind === 'keepalive' ? timer.leftMs : []));
    return {
      state: 'seen',
      keepalive: timers.length > 0 ? 'on' : 'off',
      firstProbeMs: timers.length > 0 ? Math.max(...timers) : null,
      others: others.length,
      // A retransmission timer hides the keepalive timer, and notices the loss as well.
      silent: others.filter(({ timer }) => timer === null).length,
    };
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return { state: 'not seen', reason: `sock_diag does not answer (${error.errno})` };
  }
}
