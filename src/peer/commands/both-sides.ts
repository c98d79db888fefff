/** Commands for a peer that has both sides of a connection, so that no other process delays what it does. */
import * as v from 'valibot';
import { SystemCallError } from '../../native/errno.ts';
import { receiveNow, sendNow, shutdownSocket } from '../../native/socket.ts';
import { method } from '../../rpc/method.ts';
import { filler } from '../content.ts';
import { count, socket } from '../schemas.ts';
import { connection, descriptor } from '../sockets.ts';

const deadlineMs = 20_000;
const sockets = v.tuple([socket, socket]);

/** Passes bytes back and forth between two sockets of this peer, `bytes` in each round, as fast as possible. */
export const exchange = method({
  params: v.object({ sockets, rounds: count, bytes: count }),
  run({ sockets, rounds, bytes }) {
    const [first, second] = [descriptor(sockets[0]), descriptor(sockets[1])];
    const block = filler({ bytes: 65_536 });
    for (let round = 0; round < rounds; round++) {
      pass(first, second, block, bytes);
      pass(second, first, block, bytes);
    }
  },
});

function pass(from: number, to: number, block: Buffer, bytes: number): void {
  let [sent, received] = [0, 0];
  until('recv', () => {
    if (sent < bytes) sent += whatIsTaken(() => sendNow(from, block.subarray(0, bytes - sent))) ?? 0;
    received += whatIsTaken(() => receiveNow(to, block.length).length) ?? 0;
    return received >= bytes;
  });
}

/** Closes the two sides of a connection in this peer, the second one as soon as the first FIN has arrived. */
export const closeInTurn = method({
  params: v.object({ sockets }),
  run({ sockets }) {
    const [first, second] = [descriptor(sockets[0]), descriptor(sockets[1])];
    const isEnded = (fd: number) => () => whatIsTaken(() => receiveNow(fd, 1).length) === 0;
    shutdownSocket(first, 'write');
    until('recv', isEnded(second));
    shutdownSocket(second, 'write');
    until('recv', isEnded(first));
    for (const socket of sockets) connection(socket).destroy();
  },
});

function until(call: string, isOver: () => boolean): void {
  for (const end = performance.now() + deadlineMs; !isOver(); ) {
    if (performance.now() > end) throw new SystemCallError(call, 'ETIMEDOUT');
  }
}

/** The result of the call; undefined if it would have had to wait. */
function whatIsTaken(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'EAGAIN') return undefined;
    throw error;
  }
}
