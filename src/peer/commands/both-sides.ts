/** What a peer does that has both sides of a connection: without a word to tcpclose, or to another process, in between. */
import { SystemCallError } from '../../native/errno.ts';
import { receiveNow, sendNow, shutdownSocket } from '../../native/socket.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { connection, descriptor } from '../sockets.ts';
import { filler } from './stream.ts';

const deadlineMs = 20_000;

export async function exchange({
  sockets,
  rounds,
  bytes,
}: ParsedParams<'exchange'>): Promise<Result<'exchange'>> {
  const [first, second] = [descriptor(sockets[0]), descriptor(sockets[1])];
  const block = filler({ bytes: 65_536 });
  for (let round = 0; round < rounds; round++) {
    pass(first, second, block, bytes);
    pass(second, first, block, bytes);
  }
  return {};
}

function pass(from: number, to: number, block: Buffer, bytes: number): void {
  let [sent, received] = [0, 0];
  until('recv', () => {
    if (sent < bytes) sent += whatIsTaken(() => sendNow(from, block.subarray(0, bytes - sent))) ?? 0;
    received += whatIsTaken(() => receiveNow(to, block.length).length) ?? 0;
    return received >= bytes;
  });
}

export async function closeInTurn({ sockets }: ParsedParams<'closeInTurn'>): Promise<Result<'closeInTurn'>> {
  const [first, second] = [descriptor(sockets[0]), descriptor(sockets[1])];
  const isEnded = (fd: number) => () => whatIsTaken(() => receiveNow(fd, 1).length) === 0;
  shutdownSocket(first, 'write');
  until('recv', isEnded(second));
  shutdownSocket(second, 'write');
  until('recv', isEnded(first));
  for (const socket of sockets) connection(socket).destroy();
  return {};
}

function until(call: string, isOver: () => boolean): void {
  for (const end = performance.now() + deadlineMs; !isOver(); ) {
    if (performance.now() > end) throw new SystemCallError(call, 'ETIMEDOUT');
  }
}

/** What the call gave; undefined where it would have had to wait. */
function whatIsTaken(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'EAGAIN') return undefined;
    throw error;
  }
}
