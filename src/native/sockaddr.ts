import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Endpoint, ipv6AddressIn } from '../address.ts';

// Numbers and layouts of <sys/socket.h> and <netinet/in.h> on Linux. koffi exists only for little-endian machines.

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
const sizeIPv4 = 16;
const sizeIPv6 = 28;

export function familyOf(address: string): number {
  return isIPv6(address) ? AF_INET6 : AF_INET;
}

/** struct sockaddr_in or sockaddr_in6. A zone (`fe80::1%eth0`) becomes the scope id. */
export function encodeSockaddr({ address, port }: Endpoint): Buffer {
  const [bare = '', zone] = address.split('%');
  const ipv6 = isIPv6(bare);
  const bytes = Buffer.alloc(ipv6 ? sizeIPv6 : sizeIPv4);
  bytes.writeUInt16LE(ipv6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  if (ipv6) {
    writeIPv6Address(bytes, 8, bare);
    if (zone !== undefined) bytes.writeUInt32LE(scopeOf(zone), 24);
  } else {
    bare.split('.').forEach((part, i) => {
      bytes[4 + i] = Number(part);
    });
  }
  return bytes;
}

export function decodeSockaddr(bytes: Buffer): Endpoint {
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return { address: bytes.subarray(4, 8).join('.'), port };
  return { address: ipv6AddressIn(bytes, 8), port };
}

/** Writes the 16 bytes of an IPv6 address. */
export function writeIPv6Address(into: Buffer, at: number, address: string): void {
  groupsOf(address).forEach((group, i) => {
    into.writeUInt16BE(group, at + i * 2);
  });
}

/** The eight groups of an IPv6 address, even if it ends in an IPv4 address. */
export function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const split = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const front = split(head);
  const back = tail === undefined ? [] : split(tail);
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

// Number(zone) for `%2`; otherwise the index of the interface with that name.
function scopeOf(zone: string): number {
  const index = Number(zone);
  if (Number.isInteger(index)) return index;
  const addresses = networkInterfaces()[zone] ?? [];
  return addresses.find((info) => info.family === 'IPv6')?.scopeid ?? 0;
}
