import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { SystemCallError } from '../../native/errno.ts';
import { blockIn, receiveNow, sendNow, setBlocking, shutdownSocket } from '../../native/socket.ts';
import { untilAcknowledged } from '../closing.ts';
import type { ParsedParams, Result } from '../protocol.ts';
import { connection, descriptor } from '../sockets.ts';

export async function write({ socket, until, ...content }: ParsedParams<'write'>): Promise<Result<'write'>> {
  const stream = connection(socket);
  const data = filler(content);
  const flushed = new Promise<void>((resolve, reject) => {
    stream.write(data, (error) => (error ? reject(error) : resolve()));
  });
  if (until === 'flushed') await flushed;
  else flushed.catch(() => {});
  return { bytes: data.length, inKernel: data.length - queuedByLibuv(stream) };
}

function queuedByLibuv(stream: Socket): number {
  return (stream as unknown as { _handle: { writeQueueSize: number } | null })._handle?.writeQueueSize ?? 0;
}

/** The text, or so many bytes of which each tells its place, so that what is lost or doubled shows in a hash. */
export function filler({
  text,
  bytes = 0,
}: {
  text?: string | undefined;
  bytes?: number | undefined;
}): Buffer {
  if (text !== undefined) return Buffer.from(text);
  const line = Buffer.from(
    Array.from({ length: 4096 }, (_, i) => `${String(i).padStart(7, '0')}\n`).join(''),
  );
  return Buffer.alloc(bytes, line);
}

const shownText = 200;

// Loading it takes 4 ms, which peers that read nothing need not spend.
const crypto = () => createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');

export function read({ socket, bytes, timeoutMs }: ParsedParams<'read'>): Promise<Result<'read'>> {
  const stream = connection(socket);
  const hash = crypto().createHash('sha256');
  let total = 0;
  let text = '';
  return new Promise((resolve) => {
    const finish = (ended: Result<'read'>['ended'], error: string | null) => {
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
}

export async function sendRaw({ socket, ...content }: ParsedParams<'send'>): Promise<Result<'send'>> {
  return sendOnce(descriptor(socket), filler(content));
}

export async function receiveRaw({ socket, most }: ParsedParams<'receive'>): Promise<Result<'receive'>> {
  const fd = descriptor(socket);
  try {
    const data = receiveNow(fd, most);
    return { bytes: data.length, text: data.subarray(0, shownText).toString('latin1'), errno: null };
  } catch (error) {
    return { bytes: 0, text: '', errno: errnoOf(error) };
  }
}

export async function block({ socket, call, bytes }: ParsedParams<'blockIn'>): Promise<Result<'blockIn'>> {
  const fd = descriptor(socket);
  setBlocking(fd, 'blocking');
  const before = performance.now();
  const spent = () => performance.now() - before;
  try {
    const done = await blockIn(call, fd, bytes);
    return { bytes: done, errno: null, blockedMs: spent() };
  } catch (error) {
    return { bytes: 0, errno: errnoOf(error), blockedMs: spent() };
  } finally {
    setBlocking(fd, 'non-blocking');
  }
}

export async function fill({ socket }: ParsedParams<'fill'>): Promise<Result<'fill'>> {
  const fd = descriptor(socket);
  const block = filler({ bytes: 16_384 });
  for (let total = 0; ; ) {
    const { bytes, errno } = sendOnce(fd, block);
    if (errno === 'EAGAIN') return { bytes: total };
    if (errno !== null) throw new SystemCallError('send', errno);
    total += bytes;
  }
}

function sendOnce(fd: number, data: Buffer): Result<'send'> {
  try {
    return { bytes: sendNow(fd, data), errno: null };
  } catch (error) {
    return { bytes: 0, errno: errnoOf(error) };
  }
}

/** Where a call is made to be observed, its errno is an answer and no failure. */
function errnoOf(error: unknown): string {
  if (error instanceof SystemCallError) return error.errno;
  throw error;
}

export async function end({ socket }: ParsedParams<'end'>): Promise<Result<'end'>> {
  const stream = connection(socket);
  await untilAcknowledged(stream);
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.end(() => resolve({}));
  });
}

export async function destroy({ socket }: ParsedParams<'destroy'>): Promise<Result<'destroy'>> {
  const stream = connection(socket);
  await untilAcknowledged(stream);
  const before = performance.now();
  stream.destroy();
  return { blockedMs: performance.now() - before };
}

export async function reset({ socket }: ParsedParams<'reset'>): Promise<Result<'reset'>> {
  connection(socket).resetAndDestroy();
  return {};
}

export async function shutdown({ socket, how }: ParsedParams<'shutdown'>): Promise<Result<'shutdown'>> {
  if (how !== 'read') await untilAcknowledged(connection(socket));
  shutdownSocket(descriptor(socket), how);
  return {};
}
