import type { Socket } from 'node:net';
import { attempt } from '../native/call.ts';
import { acknowledgeNow } from '../native/options.ts';
import { SockDiag } from '../native/sock-diag.ts';
import { numberOfState } from '../state.ts';
import { poll } from '../time.ts';
import { descriptorOf, endpointsOf } from './sockets.ts';

const patienceMs = 200;
const pauseMs = 2;

/**
 * Makes the last ACK of a side that closes second arrive before its FIN. On several processors the FIN can overtake it, which ends the
 * other side's TIME_WAIT before it has begun (notes/overtaken-ack.md). Returns at once if the other side has not closed, already has the
 * ACK, or is not on this machine.
 */
export async function untilAcknowledged(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  attempt(() => acknowledgeNow(descriptorOf(socket)));
  const diag = new SockDiag();
  try {
    const isAcknowledged = () => !isUnacknowledged(socket, diag);
    await poll('the last ACK to arrive', isAcknowledged, { withinMs: patienceMs, everyMs: pauseMs });
  } finally {
    diag.close();
  }
}

function isUnacknowledged(socket: Socket, diag: SockDiag): boolean {
  const { local, remote } = endpointsOf(socket);
  const own = diag.find(local, remote)?.state;
  const other = diag.find(remote, local)?.state;
  return own === numberOfState('CLOSE_WAIT') && other === numberOfState('FIN_WAIT1');
}
