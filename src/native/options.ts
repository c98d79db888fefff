import { attempt, failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

export const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;

/** How a value lies in memory: an int, a struct linger, or a struct timeval. */
type Layout = 'int' | 'linger' | 'timeval';

interface OptionPlace {
  readonly level: number;
  readonly number: number;
  readonly layout: Layout;
}

function option(level: number, number: number, layout: Layout = 'int'): OptionPlace {
  return { level, number, layout };
}

/** The options of socket(7), ip(7), ipv6(7) and tcp(7) that matter for the end of a connection, with the numbers of asm-generic. */
const places = {
  SO_REUSEADDR: option(SOL_SOCKET, 2),
  SO_ERROR: option(SOL_SOCKET, 4),
  SO_SNDBUF: option(SOL_SOCKET, 7),
  SO_RCVBUF: option(SOL_SOCKET, 8),
  SO_KEEPALIVE: option(SOL_SOCKET, 9),
  SO_LINGER: option(SOL_SOCKET, 13, 'linger'),
  SO_REUSEPORT: option(SOL_SOCKET, 15),
  SO_RCVTIMEO: option(SOL_SOCKET, 20, 'timeval'),
  SO_SNDTIMEO: option(SOL_SOCKET, 21, 'timeval'),
  IP_BIND_ADDRESS_NO_PORT: option(IPPROTO_IP, 24),
  IP_LOCAL_PORT_RANGE: option(IPPROTO_IP, 51),
  IPV6_V6ONLY: option(IPPROTO_IPV6, 26),
  TCP_NODELAY: option(IPPROTO_TCP, 1),
  TCP_MAXSEG: option(IPPROTO_TCP, 2),
  TCP_KEEPIDLE: option(IPPROTO_TCP, 4),
  TCP_KEEPINTVL: option(IPPROTO_TCP, 5),
  TCP_KEEPCNT: option(IPPROTO_TCP, 6),
  TCP_SYNCNT: option(IPPROTO_TCP, 7),
  TCP_LINGER2: option(IPPROTO_TCP, 8),
  TCP_DEFER_ACCEPT: option(IPPROTO_TCP, 9),
  TCP_WINDOW_CLAMP: option(IPPROTO_TCP, 10),
  TCP_QUICKACK: option(IPPROTO_TCP, 12),
  TCP_USER_TIMEOUT: option(IPPROTO_TCP, 18),
  TCP_REPAIR: option(IPPROTO_TCP, 19),
  TCP_REPAIR_QUEUE: option(IPPROTO_TCP, 20),
  TCP_QUEUE_SEQ: option(IPPROTO_TCP, 21),
} as const satisfies Record<string, OptionPlace>;

export type SocketOption = keyof typeof places;
export const socketOptionNames = Object.keys(places) as SocketOption[];

/** setsockopt(2) as it is, for what is more than a number. */
export function setRawOption(fd: number, level: number, number: number, value: Buffer): void {
  failOn('setsockopt', setsockopt(fd, level, number, value, value.length));
}

/** getsockopt(2) as it is: what the kernel wrote, with zeros behind it. */
export function readRawOption(fd: number, level: number, number: number, most: number): Buffer {
  const value = Buffer.alloc(most);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(value.length);
  failOn('getsockopt', getsockopt(fd, level, number, value, size));
  return value;
}

/** Has a socket keep what arrives in bursts: as much as the limit for this user (net.core.rmem_max) allows, which does not bind root. */
export function takeRoomForBursts(fd: number): void {
  const size = Buffer.alloc(4);
  size.writeInt32LE(roomForBursts);
  const forced = attempt(() => setRawOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, size));
  if (forced !== null) setSocketOption(fd, 'SO_RCVBUF', roomForBursts);
}

const SO_RCVBUFFORCE = 33;
const roomForBursts = 32 << 20;

const setsockopt = libcFunction<[number, number, number, Buffer, number]>(
  'int setsockopt(int fd, int level, int name, void *value, uint32_t size)',
);
const getsockopt = libcFunction<[number, number, number, Buffer, Buffer]>(
  'int getsockopt(int fd, int level, int name, void *value, void *size)',
);

/**
 * setsockopt(2). Flags are 0 or 1; SO_LINGER takes seconds, and -1 for off; SO_RCVTIMEO and SO_SNDTIMEO milliseconds; the
 * others what tcp(7) says (TCP_USER_TIMEOUT milliseconds, TCP_LINGER2 seconds).
 * @throws SystemCallError
 */
export function setSocketOption(fd: number, name: SocketOption, value: number): void {
  const { level, number, layout } = places[name];
  const bytes = encode(layout, value);
  failOn('setsockopt', setsockopt(fd, level, number, bytes, bytes.length));
}

/** Several at once. */
export function setSocketOptions(
  fd: number,
  values: { readonly [Name in SocketOption]?: number | undefined },
): void {
  for (const name of socketOptionNames) {
    const value = values[name];
    if (value !== undefined) setSocketOption(fd, name, value);
  }
}

/** getsockopt(2), in the units of setSocketOption. SO_ERROR gives a number of errno and clears it. */
export function getSocketOption(fd: number, name: SocketOption): number {
  const { level, number, layout } = places[name];
  const bytes = Buffer.alloc(16);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  failOn('getsockopt', getsockopt(fd, level, number, bytes, size));
  return decode(layout, bytes);
}

/** Sends the acknowledgment that the kernel still holds back, if any, now (tcp(7), TCP_QUICKACK). */
export function acknowledgeNow(fd: number): void {
  setSocketOption(fd, 'TCP_QUICKACK', 1);
}

/** SO_MEMINFO (55), its ninth number: how many segments were dropped at the socket, also by its own filter. */
export function droppedSegments(fd: number): number {
  const dropsAt = 32;
  const bytes = Buffer.alloc(64);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  failOn('getsockopt', getsockopt(fd, SOL_SOCKET, 55, bytes, size));
  return bytes.readUInt32LE(dropsAt);
}

/** SO_COOKIE (57): the socket's number in sock_diag, which it keeps until the end of TIME_WAIT. */
export function socketCookie(fd: number): bigint {
  const bytes = Buffer.alloc(8);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  failOn('getsockopt', getsockopt(fd, SOL_SOCKET, 57, bytes, size));
  return bytes.readBigUInt64LE();
}

function encode(layout: Layout, value: number): Buffer {
  switch (layout) {
    case 'int': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value | 0);
      return bytes;
    }
    case 'linger': {
      const bytes = Buffer.alloc(8);
      bytes.writeInt32LE(value < 0 ? 0 : 1, 0);
      bytes.writeInt32LE(Math.max(value, 0), 4);
      return bytes;
    }
    case 'timeval': {
      const bytes = Buffer.alloc(16);
      bytes.writeBigInt64LE(BigInt(Math.floor(value / 1000)), 0);
      bytes.writeBigInt64LE(BigInt((value % 1000) * 1000), 8);
      return bytes;
    }
  }
}

function decode(layout: Layout, bytes: Buffer): number {
  switch (layout) {
    case 'int':
      return bytes.readInt32LE(0);
    case 'linger':
      return bytes.readInt32LE(0) === 0 ? -1 : bytes.readInt32LE(4);
    case 'timeval':
      return Number(bytes.readBigInt64LE(0)) * 1000 + Number(bytes.readBigInt64LE(8)) / 1000;
  }
}
