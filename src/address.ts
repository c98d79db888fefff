import { isIP, SocketAddress } from 'node:net';

/** One end of a connection. Port 0 stands for `*`: no port yet, or any port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const mappedPrefix = '::ffff:';

/**
 * The one spelling of an address that all observers share: IPv6 as in RFC 5952, without a zone, and a v4-mapped address as its IPv4 address
 * (as netstat prints it; ss and /proc do not). Returns undefined if the text is not an address, such as one that netstat cut off without
 * -W.
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.split('%')[0] ?? '';
  const version = isIP(bare);
  if (version === 4) return bare;
  if (version !== 6) return undefined;
  const address = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  const carried = address.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : '';
  return isIP(carried) === 4 ? carried : address;
}

/** Without the IPv6 form of an IPv4 address, which an IPv6-only socket cannot bind. */
export function uncarried(address: string): string {
  const canonical = canonicalAddress(address);
  return canonical !== undefined && isIP(canonical) === 4 ? canonical : address;
}

/** The IPv6 address in these 16 bytes, in network byte order, spelled like all others. */
export function ipv6AddressIn(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + i * 2).toString(16));
  return canonicalAddress(groups.join(':')) ?? '::';
}

/** The port that a table shows: a number, or `*`, which becomes 0. Returns undefined if it is not a port. */
export function readPort(text: string): number | undefined {
  const port = text === '*' ? 0 : Number(text);
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`;
}

/** A key for the socket with these ends. */
export function pairOf(local: Endpoint, remote: Endpoint): string {
  return `${local.address} ${local.port} ${remote.address} ${remote.port}`;
}
