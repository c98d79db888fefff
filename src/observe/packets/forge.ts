import { formatEndpoint } from '../../address.ts';
import { type PacketLayout, readPacketLayout } from '../../native/headers.ts';
import { type Flag, flagNames, type Segment, timestampsAt } from './segment.ts';

/** Changes to a replayed segment. Numbers are absolute, modulo 2^32. */
export interface Changes {
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: readonly Flag[];
  readonly timestampValue?: number;
}

/**
 * The packet with these changes, ready to be sent: its checksums are correct. They may be wrong in the capture, because loopback does not
 * compute them.
 */
export function forge(original: Buffer, changes: Changes = {}): Buffer {
  const packet = Buffer.from(original);
  const layout = readPacketLayout(packet);
  if (layout === undefined || layout.end > packet.length)
    throw new TypeError('only whole TCP segments can be sent again');
  change(packet, layout, changes);
  writeChecksum(packet, layout);
  return packet;
}

function change(packet: Buffer, { tcpAt, dataAt }: PacketLayout, changes: Changes): void {
  const { sequence, acknowledgment, flags, timestampValue } = changes;
  if (sequence !== undefined) packet.writeUInt32BE(sequence >>> 0, tcpAt + 4);
  if (acknowledgment !== undefined) packet.writeUInt32BE(acknowledgment >>> 0, tcpAt + 8);
  if (flags !== undefined)
    packet[tcpAt + 13] = flagNames.reduce((bits, name, i) => bits | (flags.includes(name) ? 1 << i : 0), 0);
  if (timestampValue === undefined) return;
  const optionsAt = tcpAt + 20;
  const at = timestampsAt(packet.subarray(optionsAt, dataAt));
  if (at === undefined) throw new TypeError('a segment without timestamps cannot get any');
  packet.writeUInt32BE(timestampValue >>> 0, optionsAt + at);
}

const checksumAt = 16;
const IPPROTO_TCP = 6;

/** The checksum over a pseudo-header, the header and the data (RFC 9293 section 3.1). */
function writeChecksum(packet: Buffer, { family, tcpAt, end }: PacketLayout): void {
  packet.writeUInt16BE(0, tcpAt + checksumAt);
  const addresses = family === 'IPv4' ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(end - tcpAt, 0);
  rest.writeUInt32BE(IPPROTO_TCP, 4);
  packet.writeUInt16BE(onesComplementSum([addresses, rest, packet.subarray(tcpAt, end)]), tcpAt + checksumAt);
}

/** The sum of RFC 1071. Only the last part may have an odd length. */
export function onesComplementSum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at + 1 < part.length; at += 2) sum += part.readUInt16BE(at);
    if (part.length % 2 === 1) sum += (part[part.length - 1] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = Math.floor(sum / 0x1_0000) + (sum & 0xffff);
  return ~sum & 0xffff;
}

/** `127.0.0.1:80 > 127.0.0.1:4242 PSH ACK, 4000 bytes, word for word`. */
export function describeReplay(segments: readonly Segment[], changes: Changes): string {
  const [first] = segments;
  if (first === undefined) return 'nothing';
  const bytes = segments.reduce((total, { length }) => total + length, 0);
  const what =
    segments.length === 1
      ? `${first.flags.join(' ')}, ${bytes} bytes`
      : `${segments.length} segments, ${bytes} bytes`;
  const changed = Object.keys(changes);
  const how = changed.length === 0 ? 'word for word' : `with another ${changed.join(' and ')}`;
  return `${formatEndpoint(first.from)} > ${formatEndpoint(first.to)} ${what}, ${how}`;
}
