/** Commands that use the net.Socket of a connection. */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import * as v from 'valibot';
import { getSocketOption } from '../../native/options.ts';
import { method } from '../../rpc/method.ts';
import { untilAcknowledged } from '../ack-before-fin.ts';
import { content, filler, shownText } from '../content.ts';
import type { ReadResult } from '../results.ts';
import { count, socket } from '../schemas.ts';
import { connection, descriptor } from '../sockets.ts';

/** Writes text or filler; replies when the kernel has accepted it all, or, with `queued`, at once. */
export const write = method({
  params: v.object({
    socket,
    ...content,
    until: v.optional(v.picklist(['flushed', 'queued']), 'flushed'),
  }),
  /** `inKernel`: how much the kernel has accepted so far. */
  async run({ socket, until, ...content }) {
    const stream = connection(socket);
    const data = filler(content);
    const flushed = new Promise<void>((resolve, reject) => {
      stream.write(data, (error) => (error ? reject(error) : resolve()));
    });
    if (until === 'flushed') await flushed;
    else flushed.catch(() => {});
    return { bytes: data.length, inKernel: data.length - queuedByLibuv(stream) };
  },
});

function queuedByLibuv(stream: Socket): number {
  return (stream as unknown as { _handle: { writeQueueSize: number } | null })._handle?.writeQueueSize ?? 0;
}

// Loading it takes 4 ms, which peers that do not read save.
const crypto = () => createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');

/** Reads up to this many bytes (default: the end), counted from the start of the connection's data. */
export const read = method({
  params: v.object({ socket, bytes: v.optional(count), timeoutMs: count }),
  run({ socket, bytes, timeoutMs }): Promise<ReadResult> {
    const stream = connection(socket);
    const hash = crypto().createHash('sha256');
    let total = 0;
    let text = '';
    return new Promise((resolve) => {
      const finish = (ended: ReadResult['ended'], error: string | null) => {
        clearTimeout(timer);
        stream.off('readable', take).off('end', end).off('error', fail).off('close', end);
        resolve({ bytes: total, sha256: hash.digest('hex'), text, ended, error });
      };
      const take = () => {
        while (bytes === undefined || total < bytes) {
          const most = bytes === undefined ? undefined : Math.min(bytes - total, stream.readableLength);
          const chunk: Buffer | null = most === 0 ? null : stream.read(most);
          if (chunk === null) return;
          total += chunk.length;
          hash.update(chunk);
          if (text.length < shownText) text = (text + chunk.toString('latin1')).slice(0, shownText);
        }
        finish('enough', null);
      };
      const end = () => finish('end', null);
      const fail = (error: NodeJS.ErrnoException) => finish('error', error.code ?? error.message);
      const timer = setTimeout(() => finish('error', 'ETIME'), timeoutMs);
      if (stream.destroyed) return fail(stream.errored ?? Object.assign(new Error(), { code: 'EBADF' }));
      if (stream.readableEnded) return end();
      stream.on('readable', take).on('end', end).on('error', fail).on('close', end);
      take();
    });
  },
});

/** socket.end(): queued data, then FIN. Replies after shutdown(2). */
export const end = method({
  params: v.object({ socket }),
  async run({ socket }) {
    const stream = connection(socket);
    await untilAcknowledged(stream);
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject);
      stream.end(resolve);
    });
  },
});

/** socket.destroy(). */
export const destroy = method({
  params: v.object({ socket }),
  /** `blockedMs`: how long close(2) blocked the process; `interrupted`: whether a signal may have ended the wait of SO_LINGER. */
  async run({ socket }) {
    const stream = connection(socket);
    await untilAcknowledged(stream);
    const lingers = !stream.destroyed && getSocketOption(descriptor(socket), 'SO_LINGER') > 0;
    const close = () => {
      const before = performance.now();
      stream.destroy();
      return performance.now() - before;
    };
    if (!lingers) return { blockedMs: close(), interrupted: false };
    const { result, continued } = await notingStops(close);
    return { blockedMs: result, interrupted: continued };
  },
});

/** Also returns whether the process was stopped and continued during the action: even SIGSTOP ends the waits of system calls. */
async function notingStops<T>(action: () => T): Promise<{ result: T; continued: boolean }> {
  let continued = false;
  const note = () => {
    continued = true;
  };
  process.on('SIGCONT', note);
  try {
    const result = action();
    // Node reports a signal on one of the next turns of its loop.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    return { result, continued };
  } finally {
    process.off('SIGCONT', note);
  }
}

/** socket.resetAndDestroy(): RST. */
export const reset = method({
  params: v.object({ socket }),
  run: ({ socket }) => void connection(socket).resetAndDestroy(),
});
