import { numberOfState } from '../state.ts';
import { SystemCallError } from './errno.ts';
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

const backoffAt = 4;
const lastDataReceivedAt = 52;
const lastAckReceivedAt = 56;
const leastOfAges = 72;
const busyAt = 168;
const sendWindowAt = 228;
const receiveWindowAt = 232;
const recoveriesAt = 242;
const recoveringAt = 244;
const unacknowledgedAt = 24;

/**
 * How long ago something moved on a connection, in milliseconds with the precision of the kernel's ticks, and how it repeats unacknowledged
 * data.
 */
export interface Movement {
  /** The last sending of data, or the opening of the connection. A FIN alone is not data. */
  readonly lastDataSentMs: number;
  readonly lastDataReceivedMs: number;
  /** The last segment with an ACK, which every segment of an open connection has, including a FIN. */
  readonly lastAckReceivedMs: number;
  /** The current timeout, which was doubled `backoff` times. */
  readonly rtoMs: number;
  readonly backoff: number;
  /** How many bytes the other side allows this side to send; null before Linux 5.4, which first reports it. */
  readonly sendWindow: number | null;
  /** How many bytes this side allows the other side to send; null before Linux 6.2. */
  readonly receiveWindow: number | null;
  /** For how much of its life something was unacknowledged; null before Linux 4.10. */
  readonly busyMs: number | null;
  /** How long ago the first timeout of the present loss fired; null if it is not the connection's first loss, and before Linux 6.7. */
  readonly recoveringMs: number | null;
  /** How long after data a tail loss probe is sent. The first timeout counts from that probe (tcp_schedule_loss_probe() of Linux). */
  readonly probeMs: number;
}

/** TCP_RTO_MIN in the kernel's include/net/tcp.h. */
export const shortestTimeoutMs = 200;

// The kernel adds up the times of all losses (tcp_update_rto_stats()): the sum of one is its age.
function recoveringIn(info: Buffer): number | null {
  if (info.length < recoveringAt + 4 || info.readUInt16LE(recoveriesAt) !== 1) return null;
  return info.readUInt32LE(recoveringAt);
}

/** The part of struct tcp_info with ages; null if it is too short. */
export function movementOf(info: Buffer): Movement | null {
  if (info.length < leastOfAges) return null;
  return {
    lastDataSentMs: info.readUInt32LE(lastDataSentAt),
    lastDataReceivedMs: info.readUInt32LE(lastDataReceivedAt),
    lastAckReceivedMs: info.readUInt32LE(lastAckReceivedAt),
    rtoMs: info.readUInt32LE(rtoAt) / 1000,
    backoff: info[backoffAt] ?? 0,
    sendWindow: info.length < sendWindowAt + 4 ? null : info.readUInt32LE(sendWindowAt),
    receiveWindow: info.length < receiveWindowAt + 4 ? null : info.readUInt32LE(receiveWindowAt),
    busyMs: info.length < busyAt + 8 ? null : Number(info.readBigUInt64LE(busyAt)) / 1000,
    recoveringMs: recoveringIn(info),
    probeMs:
      2 * (info.readUInt32LE(rttAt) / 1000) +
      (info.readUInt32LE(unacknowledgedAt) === 1 ? shortestTimeoutMs : 0),
  };
}

const stateAt = 0;

/** Whether a connection has no state any more, as after a RST. A local shutdown(2) or close(2) leaves another state for a moment. */
export function isConnectionOver(fd: number): boolean {
  try {
    return readRawOption(fd, IPPROTO_TCP, TCP_INFO, 8)[stateAt] === numberOfState('CLOSED');
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
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
