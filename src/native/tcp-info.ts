import { IPPROTO_TCP } from './libc.ts';
import { readRawOption } from './options.ts';

const TCP_INFO = 11;
// Offsets in struct tcp_info of <linux/tcp.h>, which only grows at its end.
const rtoAt = 8;
const lastDataSentAt = 44;
const rttAt = 68;
const totalRetransmissionsAt = 100;

/** A part of what getsockopt(TCP_INFO) reports about a connection (tcp(7)). */
export interface TcpInfo {
  /** The current retransmission timeout, in milliseconds. */
  readonly rtoMs: number;
  /** How many milliseconds ago data was last sent or retransmitted, in the kernel's ticks. */
  readonly lastDataSentMs: number;
  /** The smoothed round-trip time, in milliseconds. */
  readonly rttMs: number;
  /** Retransmitted segments, in the connection's whole life. */
  readonly totalRetransmissions: number;
}

/** @throws SystemCallError */
export function tcpInfo(fd: number): TcpInfo {
  const bytes = readRawOption(fd, IPPROTO_TCP, TCP_INFO, 256);
  return {
    rtoMs: bytes.readUInt32LE(rtoAt) / 1000,
    lastDataSentMs: bytes.readUInt32LE(lastDataSentAt),
    rttMs: bytes.readUInt32LE(rttAt) / 1000,
    totalRetransmissions: bytes.readUInt32LE(totalRetransmissionsAt),
  };
}
