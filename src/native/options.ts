import { attempt } from './call.ts';
import { decodeStruct, encodeStruct } from './koffi.ts';
import { IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, libc, SOL_SOCKET } from './libc.ts';

/** The layout of a value in memory: an int, a struct linger, or a struct timeval. */
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

/** setsockopt(2) with raw bytes. */
export function setRawOption(fd: number, level: number, number: number, value: Buffer): void {
  libc.setsockopt(fd, level, number, value, value.length);
}

/** getsockopt(2) with raw bytes: what the kernel wrote, padded with zeros. */
export function readRawOption(fd: number, level: number, number: number, most: number): Buffer {
  const value = Buffer.alloc(most);
  libc.getsockopt(fd, level, number, value, [most]);
  return value;
}

/** Enlarges a socket's receive buffer for bursts, up to the user's limit (net.core.rmem_max), which does not apply to root. */
export function takeRoomForBursts(fd: number): void {
  const forced = attempt(() => setRawOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, int(roomForBursts)));
  if (forced !== null) setSocketOption(fd, 'SO_RCVBUF', roomForBursts);
}

const SO_RCVBUFFORCE = 33;
const roomForBursts = 32 << 20;

/**
 * setsockopt(2). Flags are 0 or 1; SO_LINGER is in seconds, with -1 for off; SO_RCVTIMEO and SO_SNDTIMEO are in milliseconds; the others
 * are as in tcp(7) (TCP_USER_TIMEOUT in milliseconds, TCP_LINGER2 in seconds).
 * @throws SystemCallError
 */
export function setSocketOption(fd: number, name: SocketOption, value: number): void {
  const { level, number, layout } = places[name];
  setRawOption(fd, level, number, encode(layout, value));
}

/** Sets several options. */
export function setSocketOptions(
  fd: number,
  values: { readonly [Name in SocketOption]?: number | undefined },
): void {
  for (const name of socketOptionNames) {
    const value = values[name];
    if (value !== undefined) setSocketOption(fd, name, value);
  }
}

/** getsockopt(2), in the units of setSocketOption. SO_ERROR returns the number of an errno and clears it. */
export function getSocketOption(fd: number, name: SocketOption): number {
  const { level, number, layout } = places[name];
  return decode(layout, readRawOption(fd, level, number, 16));
}

/** Sends the acknowledgment that the kernel still delays, if any (tcp(7), TCP_QUICKACK). */
export function acknowledgeNow(fd: number): void {
  setSocketOption(fd, 'TCP_QUICKACK', 1);
}

/** The ninth number of SO_MEMINFO (55): the segments dropped at the socket, including those dropped by its own filter. */
export function droppedSegments(fd: number): number {
  const dropsAt = 32;
  return readRawOption(fd, SOL_SOCKET, 55, 64).readUInt32LE(dropsAt);
}

function encode(layout: Layout, value: number): Buffer {
  switch (layout) {
    case 'int':
      return int(value);
    case 'linger':
      return encodeStruct('linger', { l_onoff: value < 0 ? 0 : 1, l_linger: Math.max(value, 0) });
    case 'timeval':
      return encodeStruct('timeval', { tv_sec: Math.floor(value / 1000), tv_usec: (value % 1000) * 1000 });
  }
}

function decode(layout: Layout, bytes: Buffer): number {
  switch (layout) {
    case 'int':
      return bytes.readInt32LE(0);
    case 'linger': {
      const { l_onoff, l_linger } = decodeStruct('linger', bytes);
      return l_onoff === 0 ? -1 : l_linger;
    }
    case 'timeval': {
      const { tv_sec, tv_usec } = decodeStruct('timeval', bytes);
      return tv_sec * 1000 + tv_usec / 1000;
    }
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}
