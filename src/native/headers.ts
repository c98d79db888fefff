import { type Endpoint, ipv6AddressIn } from '../address.ts';
import { IPPROTO_TCP } from './libc.ts';

/** This many bytes of a packet contain all its headers, unless there are many extension headers. */
export const headersSize = 160;

const ipv6HeaderSize = 40;
const leastTcpHeader = 20;
/** Hop-by-hop, routing and destination options: each states its length in units of 8 bytes (RFC 8200 section 4). */
const extensionHeaders: readonly (number | undefined)[] = [0, 43, 60];

/** The parts of an IP packet with a TCP segment, and its endpoints. */
export interface PacketLayout {
  readonly family: 'IPv4' | 'IPv6';
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Offsets in the packet: the TCP header, its data, and the end of both, even if the packet was truncated before. */
  readonly tcpAt: number;
  readonly dataAt: number;
  readonly end: number;
}

/** Reads the headers of an IP packet; undefined if it has no whole TCP header, or is a later fragment. */
export function readPacketLayout(packet: Buffer): PacketLayout | undefined {
  const version = (packet[0] ?? 0) >> 4;
  const ip = version === 4 ? readIPv4(packet) : version === 6 ? readIPv6(packet) : undefined;
  if (ip === undefined) return undefined;
  const dataAt = ip.tcpAt + ((packet[ip.tcpAt + 12] ?? 0) >> 4) * 4;
  if (dataAt < ip.tcpAt + leastTcpHeader || dataAt > Math.min(ip.end, packet.length)) return undefined;
  return {
    family: version === 4 ? 'IPv4' : 'IPv6',
    from: { address: ip.from, port: packet.readUInt16BE(ip.tcpAt) },
    to: { address: ip.to, port: packet.readUInt16BE(ip.tcpAt + 2) },
    tcpAt: ip.tcpAt,
    dataAt,
    end: ip.end,
  };
}

/** Ports, numbers, flags and window in hexadecimal, which identify a segment. The checksum that follows them may not be computed yet. */
export function headerOf(packet: Buffer, { tcpAt }: PacketLayout): string {
  return packet.toString('hex', tcpAt, tcpAt + checksumAt);
}

const checksumAt = 16;

interface IpLayout {
  readonly from: string;
  readonly to: string;
  readonly tcpAt: number;
  readonly end: number;
}

function readIPv4(packet: Buffer): IpLayout | undefined {
  const tcpAt = ((packet[0] ?? 0) & 0xf) * 4;
  if (tcpAt < 20 || packet[9] !== IPPROTO_TCP) return undefined;
  const fragmentOffset = packet.readUInt16BE(6) & 0x1fff;
  if (fragmentOffset !== 0) return undefined;
  // 0 means more than 64 KiB; only loopback has such packets.
  const length = packet.readUInt16BE(2) || packet.length;
  return {
    from: packet.subarray(12, 16).join('.'),
    to: packet.subarray(16, 20).join('.'),
    tcpAt,
    end: length,
  };
}

function readIPv6(packet: Buffer): IpLayout | undefined {
  if (packet.length < ipv6HeaderSize + leastTcpHeader) return undefined;
  let next = packet[6];
  let at = ipv6HeaderSize;
  while (extensionHeaders.includes(next)) {
    next = packet[at];
    at += ((packet[at + 1] ?? 0) + 1) * 8;
  }
  if (next !== IPPROTO_TCP) return undefined;
  const length = packet.readUInt16BE(4);
  const end = length === 0 ? packet.length : ipv6HeaderSize + length;
  return { from: ipv6AddressIn(packet, 8), to: ipv6AddressIn(packet, 24), tcpAt: at, end };
}
