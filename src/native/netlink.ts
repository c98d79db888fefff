/** netlink(7): messages to and from parts of the kernel, and their attributes. */
import { errnoName, SystemCallError } from './errno.ts';
import { lastErrno } from './koffi.ts';
import { libc, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from './libc.ts';
import { closeDescriptor } from './socket.ts';

export const AF_NETLINK = 16;
/** The protocol of sock_diag(7). */
export const NETLINK_SOCK_DIAG = 4;

export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const messageHeaderSize = 16;
const attributeHeaderSize = 4;
const largestDatagram = 1 << 18;

/** A socket of one netlink protocol, in the network namespace in which it was opened. */
export class NetlinkSocket {
  readonly fd: number;
  readonly #received = Buffer.alloc(largestDatagram);
  /** The last result of `receive`. */
  last: Buffer = this.#received.subarray(0, 0);

  /** @throws SystemCallError EPROTONOSUPPORT if the kernel lacks the protocol */
  constructor(protocol: number) {
    this.fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  }

  /** @throws SystemCallError */
  send(messages: Buffer): void {
    libc.send(this.fd, messages, messages.length, 0);
  }

  /** Waits for the next datagram, which is valid until another one is received. @throws SystemCallError */
  receive(): Buffer {
    const size = libc.recv(this.fd, this.#received, largestDatagram, 0);
    this.last = this.#received.subarray(0, size);
    return this.last;
  }

  /** The messages that arrive, one by one; the caller stops at the last one. @throws SystemCallError */
  *messages(): Generator<NetlinkMessage> {
    for (;;) yield* messagesOf(this.receive());
  }

  /** The next datagram; undefined if none has arrived. Replies have arrived when `send` returns. @throws SystemCallError */
  receiveNow(): Buffer | undefined {
    const size = libc.recv.unchecked(this.fd, this.#received, largestDatagram, MSG_DONTWAIT);
    if (size !== -1) return this.#received.subarray(0, size);
    const errno = errnoName(lastErrno());
    if (errno === 'EAGAIN' || errno === 'EWOULDBLOCK') return undefined;
    throw new SystemCallError('recv', errno);
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}

export interface NetlinkMessage {
  readonly type: number;
  readonly body: Buffer;
}

/** @throws RangeError for a message with an impossible length */
export function* messagesOf(datagram: Buffer): Generator<NetlinkMessage> {
  for (let at = 0; at + messageHeaderSize <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < messageHeaderSize || at + length > datagram.length)
      throw new RangeError(`a message of netlink cannot have ${length} bytes`);
    yield {
      type: datagram.readUInt16LE(at + 4),
      body: datagram.subarray(at + messageHeaderSize, at + length),
    };
    at += aligned(length);
  }
}

/**
 * The errno in a message; null for success, or for a message of another kind.
 * @throws RangeError for a message that is too short to have one
 */
export function errnoOf({ type, body }: NetlinkMessage): string | null {
  if (type !== NLMSG_ERROR) return null;
  if (body.length < 4) throw new RangeError(`an error of netlink cannot have ${body.length} bytes`);
  const error = -body.readInt32LE(0);
  return error === 0 ? null : errnoName(error);
}

export function netlinkMessage(type: number, flags: number, body: Buffer): Buffer {
  const message = Buffer.alloc(aligned(messageHeaderSize + body.length));
  message.writeUInt32LE(messageHeaderSize + body.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  message.set(body, messageHeaderSize);
  return message;
}

/** An attribute, which may contain others. */
export function attribute(type: number, value: Buffer | readonly Buffer[]): Buffer {
  const payload = Buffer.isBuffer(value) ? value : Buffer.concat(value);
  const encoded = Buffer.alloc(aligned(attributeHeaderSize + payload.length));
  encoded.writeUInt16LE(attributeHeaderSize + payload.length, 0);
  encoded.writeUInt16LE(type, 2);
  encoded.set(payload, attributeHeaderSize);
  return encoded;
}

/** The value of one of the attributes that begin at an offset. */
export function attributeIn(body: Buffer, start: number, wanted: number): Buffer | undefined {
  for (let at = start; at + attributeHeaderSize <= body.length; ) {
    const length = body.readUInt16LE(at);
    if ((body.readUInt16LE(at + 2) & typeOfAttribute) === wanted)
      return body.subarray(at + attributeHeaderSize, at + length);
    at += Math.max(attributeHeaderSize, aligned(length));
  }
  return undefined;
}

/** Removes the bits that describe the encoding of the value. */
const typeOfAttribute = 0x3fff;

function aligned(length: number): number {
  return (length + 3) & ~3;
}
