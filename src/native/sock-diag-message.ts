/** The messages in which inet_diag reports a socket (struct inet_diag_msg). */
import { type Endpoint, ipv6AddressIn } from '../address.ts';
import { attributeIn } from './netlink.ts';
import { INET_DIAG_INFO, INET_DIAG_SKMEMINFO, INET_DIAG_SKV6ONLY } from './sock-diag-request.ts';
import { AF_INET } from './sockaddr.ts';
import { type Open, openOf } from './tcp-open.ts';
import { type Quiet, quietOf } from './tcp-quiet.ts';

export const messageSize = 72;

/** A socket as inet_diag reports it. */
export interface DiagSocket {
  readonly family: 'IPv4' | 'IPv6';
  /** The kernel's number of the state. A bound socket that does not listen is 7 (CLOSE) here, although bit 13 selects it. */
  readonly state: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** 0 none, 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero-window probe. */
  readonly timer: number;
  readonly retransmits: number;
  /** Until the timer fires. */
  readonly expiresMs: number;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly uid: number;
  readonly inode: number;
  /** SO_COOKIE; the same from the socket's birth to the end of its TIME_WAIT. */
  readonly cookie: bigint;
  /** IPV6_V6ONLY, for a socket on [::] that listens or is only bound. */
  readonly ipv6Only: boolean;
  /** null if it was not requested, or is unknown. */
  readonly open: Open | null;
  /** null if it was not requested; the kernel does not keep it for TIME_WAIT. */
  readonly quiet: Quiet | null;
}

/** struct tcp_info in a message of inet_diag, if it was requested and the socket has one: not in TIME_WAIT. */
export function tcpInfoIn(body: Buffer): Buffer | undefined {
  return attributeIn(body, messageSize, INET_DIAG_INFO);
}

/** The memory of a receive buffer in a message of inet_diag, if it was requested (sk_get_meminfo() of Linux). */
export function receiveMemoryIn(body: Buffer): ReceiveMemory | undefined {
  const memory = attributeIn(body, messageSize, INET_DIAG_SKMEMINFO);
  if (memory === undefined || memory.length < 8) return undefined;
  return { used: memory.readUInt32LE(0), limit: memory.readUInt32LE(4) };
}

export interface ReceiveMemory {
  readonly used: number;
  /** SO_RCVBUF, or what the kernel has made of it. */
  readonly limit: number;
}

/**
 * The socket in a message of inet_diag.
 * @throws RangeError for a message that is too short
 */
export function readDiagSocket(body: Buffer): DiagSocket {
  if (body.length < messageSize) throw new RangeError('a message of inet_diag is too short');
  const family = body[0];
  const [state, sendQueue] = [body[1] ?? 0, body.readUInt32LE(60)];
  const info = tcpInfoIn(body);
  return {
    family: family === AF_INET ? 'IPv4' : 'IPv6',
    state,
    timer: body[2] ?? 0,
    retransmits: body[3] ?? 0,
    local: { address: addressIn(body, family, 8), port: body.readUInt16BE(4) },
    remote: { address: addressIn(body, family, 24), port: body.readUInt16BE(6) },
    cookie: body.readBigUInt64LE(44),
    expiresMs: body.readUInt32LE(52),
    receiveQueue: body.readUInt32LE(56),
    sendQueue,
    uid: body.readUInt32LE(64),
    inode: body.readUInt32LE(68),
    ipv6Only: ipv6OnlyIn(body),
    open: info === undefined ? null : openOf(info, state, sendQueue),
    quiet: info === undefined ? null : quietOf(info),
  };
}

/** IPV6_V6ONLY of a listener on all addresses. */
export function ipv6OnlyIn(body: Buffer): boolean {
  const state = body[1];
  if (state !== listening && state !== closed) return false;
  if (addressIn(body, body[0], 8) !== '::') return false;
  return attributeIn(body, messageSize, INET_DIAG_SKV6ONLY)?.[0] === 1;
}

const [closed, listening] = [7, 10];

/** The address at an offset of such a message. */
// There may be fifty thousand of them: common addresses are formatted directly.
export function addressIn(body: Buffer, family: number | undefined, at: number): string {
  if (family === AF_INET) return readIPv4(body, at);
  if (body.readBigUInt64BE(at) === 0n) {
    const rest = body.readUInt32BE(at + 8);
    if (rest === 0xffff) return readIPv4(body, at + 12);
    if (rest === 0 && body.readUInt32BE(at + 12) === 0) return '::';
  }
  return ipv6AddressIn(body, at);
}

function readIPv4(body: Buffer, at: number): string {
  return `${body[at]}.${body[at + 1]}.${body[at + 2]}.${body[at + 3]}`;
}
