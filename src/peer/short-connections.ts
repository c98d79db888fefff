import type { Socket } from 'node:net';
import { setSocketOption } from '../native/options.ts';
import type { ShortConnections } from './results.ts';
import { descriptorOf } from './sockets.ts';

/** Makes a peer end a short connection first, in the given way. */
export function closeFirst(socket: Socket, { linger }: ShortConnections): void {
  if (linger === 'off') socket.end();
  else if (linger === 0) socket.resetAndDestroy();
  else closeLingering(socket, linger);
}

// close(2) with a linger time, which blocks the process until the other side has acknowledged.
function closeLingering(socket: Socket, seconds: number): void {
  setSocketOption(descriptorOf(socket), 'SO_LINGER', seconds);
  socket.destroy();
}

/** An error of one connection among thousands must not end the peer; the client counts it. */
export function ignoreErrors(): void {}
