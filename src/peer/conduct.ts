import type { Socket } from 'node:net';
import { untilAcknowledged } from './ack-before-fin.ts';
import type { Conduct } from './results.ts';

/** Starts what the peer does with a connection on its own. */
export function behave(socket: Socket, conduct: Conduct): void {
  // An error is an observation of the caller that requests it, and must not end the peer.
  socket.on('error', () => {});
  if (conduct === 'idle') return;
  if (conduct === 'echoes') socket.on('data', (data) => socket.write(data));
  // It was accepted or connected in the paused state.
  socket.resume();
  if (conduct !== 'leaks') {
    socket.on('end', () => {
      void untilAcknowledged(socket).then(() => socket.end());
    });
  }
}
