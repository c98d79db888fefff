import { fstatSync } from 'node:fs';
import { borrowDescriptor } from '../../native/borrow.ts';
import { SystemCallError } from '../../native/errno.ts';
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../native/libc.ts';
import { readRawOption } from '../../native/options.ts';
import { closeDescriptor, socketName } from '../../native/socket.ts';
import type { Call, OptionsAtCall } from './call.ts';
import { familyOfNumber, type Place, placeOf } from './place.ts';

const SO_REUSEADDR = 2;
const SO_TYPE = 3;
const SO_REUSEPORT = 15;
const SO_BINDTODEVICE = 25;
const SO_ACCEPTCONN = 30;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const IP_FREEBIND = 15;
const IP_TRANSPARENT = 19;
const IPV6_V6ONLY = 26;
/** For TCP sockets; multipath ones are bound like plain ones. */
const protocols = [IPPROTO_TCP, 262];

/** A socket of another process, while its thread waits in a call. */
export interface SocketNow {
  readonly inode: number;
  readonly family: Place['family'];
  readonly type: Call['type'];
  readonly options: OptionsAtCall;
  /** Whether it has other options that affect what it can be bound to. */
  readonly others: 'none' | 'some';
  readonly place: Place | undefined;
  readonly listens: 'yes' | 'no';
}

/** The socket behind an inode, if the process still has it under that number; also undefined if it may not be inspected. */
export function socketWith(inode: number, pid: number, fd: number): SocketNow | 'none of ours' | undefined {
  try {
    const socket = readSocketOf(pid, fd);
    return socket === 'none of ours' || socket.inode === inode ? socket : undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
}

/**
 * Reads a socket of another process, and closes it here before this returns: while it is held, a close(2) of its owner would not free the
 * port.
 * @returns `none of ours` for a file that is not a socket, or has another family
 * @throws SystemCallError if the process may not be inspected
 */
export function readSocketOf(pid: number, fd: number): SocketNow | 'none of ours' {
  const borrowed = borrowDescriptor(pid, fd);
  try {
    const stat = fstatSync(borrowed);
    if (!stat.isSocket()) return 'none of ours';
    const family = familyOfNumber(readNumber(borrowed, SOL_SOCKET, SO_DOMAIN));
    if (family === undefined) return 'none of ours';
    return {
      inode: stat.ino,
      family,
      type: typeOf(borrowed, family),
      options: {
        reuseAddress: readNumber(borrowed, SOL_SOCKET, SO_REUSEADDR) !== 0,
        reusePort: readNumber(borrowed, SOL_SOCKET, SO_REUSEPORT) !== 0,
        v6Only: family === 'IPv6' ? readNumber(borrowed, IPPROTO_IPV6, IPV6_V6ONLY) !== 0 : null,
      },
      others: family !== 'Unix' && hasOthers(borrowed) ? 'some' : 'none',
      place: placeOf(socketName(borrowed)),
      listens: readNumber(borrowed, SOL_SOCKET, SO_ACCEPTCONN) !== 0 ? 'yes' : 'no',
    };
  } finally {
    closeDescriptor(borrowed);
  }
}

function hasOthers(fd: number): boolean {
  if (readRawOption(fd, SOL_SOCKET, SO_BINDTODEVICE, 16)[0] !== 0) return true;
  return [IP_FREEBIND, IP_TRANSPARENT].some((name) => readNumber(fd, IPPROTO_IP, name) !== 0);
}

function typeOf(fd: number, family: Place['family']): Call['type'] {
  const type = readNumber(fd, SOL_SOCKET, SO_TYPE);
  if (type === SOCK_DGRAM) return 'datagram';
  if (type !== SOCK_STREAM) return 'other';
  return family === 'Unix' || protocols.includes(readNumber(fd, SOL_SOCKET, SO_PROTOCOL))
    ? 'stream'
    : 'other';
}

function readNumber(fd: number, level: number, name: number): number {
  return readRawOption(fd, level, name, 4).readInt32LE(0);
}
