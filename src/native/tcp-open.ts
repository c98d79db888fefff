/** How an end opened its connection (RFC 9293, section 3.9.1): by connect(2), or by listening for it. */
export type Open = 'active' | 'passive';

// Offsets in struct tcp_info (<linux/tcp.h>); the last came with Linux 4.19.
const bytesAckedAt = 120;
const notSentAt = 144;
const bytesSentAt = 200;
const bytesRetransmittedAt = 208;
const least = 216;

/** The numbers of the states in which this end's FIN is not queued, and of the one in which it is acknowledged. */
const withoutFin = [1, 8];
const finAcknowledged = 5;

/**
 * Which end opened a connection. No table of the kernel contains that, but its counters show it: `tcpi_bytes_acked` counts the SYN of the
 * end that connected, but not that of the end that accepted (tcp_snd_una_update() against tcp_create_openreq_child()). All other bytes that
 * were acknowledged, or are on their way, have been counted as sent. Returns null if that is unknown.
 * @param sendQueue unacknowledged bytes, including those not yet sent
 */
export function openOf(info: Buffer, state: number, sendQueue: number): Open | null {
  if (info.length < least) return null;
  const fin = withoutFin.includes(state) ? 0n : state === finAcknowledged ? 1n : null;
  if (fin === null) return null;
  const inFlight = BigInt(sendQueue - info.readUInt32LE(notSentAt));
  const sentOnce = info.readBigUInt64LE(bytesSentAt) - info.readBigUInt64LE(bytesRetransmittedAt);
  switch (info.readBigUInt64LE(bytesAckedAt) + inFlight - sentOnce - fin) {
    case 1n:
      return 'active';
    case 0n:
      return 'passive';
    default:
      return null;
  }
}
