import { IPPROTO_TCP } from './libc.ts';
import { readRawOption } from './options.ts';

const TCP_INFO = 11;
// Offsets in struct tcp_info of <linux/tcp.h>, which only grows at its end.
const rtoAt = 8;
const lastDataSentAt = 44;
const rttAt = 68;
const totalRetransmissionsAt = 100;

/** A part of what getsockopt(TCP_INFO) reports about a connection (tcp(7)). */
export interface TcpInfo extends Pick<Movement, 'lastDataReceivedMs' | 'lastAckReceivedMs'> {
  /** The current retransmission timeout, in milliseconds. */
  readonly rtoMs: number;
  /** How many milliseconds ago data was last sent or retransmitted, in the kernel's ticks. */
  readonly lastDataSentMs: number;
  /** The smoothed round-trip time, in milliseconds. */
  readonly rttMs: number;
  /** Retransmitted segments, in the connection's whole life. */
  readonly totalRetransmissions: number;
}

const optionsAt = 5;
const backoffAt = 4;
const lastDataReceivedAt = 52;
const lastAckReceivedAt = 56;
const leastOfAges = 60;
const busyAt = 168;
const sendWindowAt = 228;

/** How long ago something moved on a connection, in milliseconds and the kernel's ticks, and how it repeats what is not acknowledged. */
export interface Movement {
  /** Data was last sent, or the connection opened. A FIN alone is not data. */
  readonly lastDataSentMs: number;
  readonly lastDataReceivedMs: number;
  /** A segment with an ACK, which all are once the connection is open: a FIN as well. */
  readonly lastAckReceivedMs: number;
  /** The current timeout, which has been doubled `backoff` times. */
  readonly rtoMs: number;
  readonly backoff: number;
  /** How much the other side lets this one send; null if the kernel, before Linux 5.4, does not tell. */
  readonly sendWindow: number | null;
  /** For how long of its life something was not acknowledged; null before Linux 4.10. */
  readonly busyMs: number | null;
  /** Whether both sides use timestamps (RFC 7323). */
  readonly timestamps: boolean;
}

/** The part of struct tcp_info that tells ages; null for one that is too short. */
export function movementOf(info: Buffer): Movement | null {
  if (info.length < leastOfAges) return null;
  return {
    lastDataSentMs: info.readUInt32LE(lastDataSentAt),
    lastDataReceivedMs: info.readUInt32LE(lastDataReceivedAt),
    lastAckReceivedMs: info.readUInt32LE(lastAckReceivedAt),
    rtoMs: info.readUInt32LE(rtoAt) / 1000,
    backoff: info[backoffAt] ?? 0,
    sendWindow: info.length < sendWindowAt + 4 ? null : info.readUInt32LE(sendWindowAt),
    busyMs: info.length < busyAt + 8 ? null : Number(info.readBigUInt64LE(busyAt)) / 1000,
    timestamps: ((info[optionsAt] ?? 0) & 1) !== 0,
  };
}

/** @throws SystemCallError */
export function tcpInfo(fd: number): TcpInfo {
  const bytes = readRawOption(fd, IPPROTO_TCP, TCP_INFO, 256);
  return {
    rtoMs: bytes.readUInt32LE(rtoAt) / 1000,
    lastDataSentMs: bytes.readUInt32LE(lastDataSentAt),
    lastDataReceivedMs: bytes.readUInt32LE(lastDataReceivedAt),
    lastAckReceivedMs: bytes.readUInt32LE(lastAckReceivedAt),
    rttMs: bytes.readUInt32LE(rttAt) / 1000,
    totalRetransmissions: bytes.readUInt32LE(totalRetransmissionsAt),
  };
}
