// Offsets in struct tcp_info (<linux/tcp.h>).
const lastDataSentAt = 44;
const lastDataReceivedAt = 52;
const lastAckReceivedAt = 56;
const least = 60;

/** For how many milliseconds nothing has moved on a connection, in each direction. */
export interface Quiet {
  readonly dataSentMs: number;
  readonly dataReceivedMs: number;
  /** Since the last segment that acknowledged something: for a CLOSE_WAIT, since the FIN of the other side. */
  readonly ackReceivedMs: number;
}

/** From struct tcp_info; null if a kernel reports less. A connection without data counts from its beginning. */
export function quietOf(info: Buffer): Quiet | null {
  if (info.length < least) return null;
  return {
    dataSentMs: info.readUInt32LE(lastDataSentAt),
    dataReceivedMs: info.readUInt32LE(lastDataReceivedAt),
    ackReceivedMs: info.readUInt32LE(lastAckReceivedAt),
  };
}
