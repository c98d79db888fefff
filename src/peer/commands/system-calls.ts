/** Commands that make system calls on a connection, bypassing its net.Socket. */
import * as v from 'valibot';
import { SystemCallError } from '../../native/errno.ts';
import * as native from '../../native/socket.ts';
import { method } from '../../rpc/method.ts';
import { untilAcknowledged } from '../ack-before-fin.ts';
import { content, filler, shownText } from '../content.ts';
import type { BlockResult, ReceiveResult, SendResult } from '../results.ts';
import { count, socket } from '../schemas.ts';
import { connection, descriptor } from '../sockets.ts';

/** send(2) once, without blocking. */
export const send = method({
  params: v.object({ socket, ...content }),
  run: ({ socket, ...content }) => sendOnce(descriptor(socket), filler(content)),
});

function sendOnce(fd: number, data: Buffer): SendResult {
  try {
    return { bytes: native.sendNow(fd, data), errno: null };
  } catch (error) {
    return { bytes: 0, errno: errnoOf(error) };
  }
}

/** recv(2) once, without blocking. */
export const receive = method({
  params: v.object({ socket, most: count }),
  run({ socket, most }): ReceiveResult {
    const fd = descriptor(socket);
    try {
      const data = native.receiveNow(fd, most);
      return { bytes: data.length, text: data.subarray(0, shownText).toString('latin1'), errno: null };
    } catch (error) {
      return { bytes: 0, text: '', errno: errnoOf(error) };
    }
  },
});

/** recv(2) or send(2) once on a blocking descriptor: its result, and how long it took. */
export const blockIn = method({
  params: v.object({ socket, call: v.picklist(['recv', 'send']), bytes: count }),
  async run({ socket, call, bytes }): Promise<BlockResult> {
    const fd = descriptor(socket);
    native.setBlocking(fd, 'blocking');
    const before = performance.now();
    const spent = () => performance.now() - before;
    try {
      const done = await native.blockIn(call, fd, bytes);
      return { bytes: done, errno: null, blockedMs: spent() };
    } catch (error) {
      return { bytes: 0, errno: errnoOf(error), blockedMs: spent() };
    } finally {
      native.setBlocking(fd, 'non-blocking');
    }
  },
});

/** send(2) until the kernel accepts no more. */
export const fill = method({
  params: v.object({ socket }),
  run({ socket }) {
    const fd = descriptor(socket);
    const block = filler({ bytes: 16_384 });
    for (let total = 0; ; ) {
      const { bytes, errno } = sendOnce(fd, block);
      if (errno === 'EAGAIN') return { bytes: total };
      if (errno !== null) throw new SystemCallError('send', errno);
      total += bytes;
    }
  },
});

/** shutdown(2). */
export const shutdown = method({
  params: v.object({ socket, how: v.picklist(['read', 'write', 'both']) }),
  async run({ socket, how }) {
    if (how !== 'read') await untilAcknowledged(connection(socket));
    native.shutdownSocket(descriptor(socket), how);
  },
});

/** The errno of an observed call is a result, not a failure. */
function errnoOf(error: unknown): string {
  if (error instanceof SystemCallError) return error.errno;
  throw error;
}
