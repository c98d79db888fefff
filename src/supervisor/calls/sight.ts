import { harmless } from '../../foreign.ts';
import type { Notification } from '../../native/seccomp-notification.ts';
import { socketInodeOf } from '../../proc-files.ts';
import type { Call } from './call.ts';
import { type Caller, callerOf } from './caller.ts';
import { readMemory } from './memory.ts';
import { type Place, placeOf } from './place.ts';
import { type SocketNow, socketWith } from './socket.ts';

/** The size of struct sockaddr_storage, the longest address. */
const longestName = 128;

/** What is seen of a call while it waits. Nothing in it is certain until the call is confirmed to be still waiting. */
export interface Sight {
  readonly caller: Caller;
  readonly call: Call['call'];
  readonly fd: number;
  readonly inode: number;
  /** undefined if the process may not be inspected. */
  readonly socket: SocketNow | undefined;
  /** The bytes of a bind's address; empty if they cannot be read, and for a listen. */
  readonly name: Buffer;
  readonly place: Place | undefined;
}

/** undefined for a call on a socket that is not TCP, UDP or Unix. */
export function look({ thread, call, arguments: [first, second, third] }: Notification): Sight | undefined {
  if (call !== 'bind' && call !== 'listen') return undefined;
  const fd = Number(BigInt.asIntN(32, first));
  const inode = socketInodeOf(`/proc/${thread}/fd/${fd}`);
  const caller = inode === undefined ? undefined : callerOf(thread);
  if (inode === undefined || caller === undefined) return undefined;
  // Without CLONE_FILES a thread has its own descriptors, which differ from those of its process.
  const socket = socketWith(inode, caller.pid, fd);
  if (socket === 'none of ours') return undefined;
  const size = Math.max(0, Math.min(Number(BigInt.asIntN(32, third)), longestName));
  const name = call === 'bind' ? (readMemory(thread, second, size) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  const place = call === 'bind' ? placeOf(name) : socket?.place;
  if (socket === undefined && place === undefined) return undefined;
  return { caller, call, fd, inode, socket, name, place };
}

export function recordOf(
  { caller, call, fd, inode, socket, place }: Sight,
  number: number,
  at: number,
): Call {
  const family = place?.family ?? socket?.family ?? 'IPv4';
  return {
    number,
    call,
    pid: caller.pid,
    program: harmless(caller.program),
    fd,
    family,
    type: socket?.type ?? 'stream',
    address: place !== undefined && 'address' in place ? place.address : null,
    port: place !== undefined && 'port' in place ? place.port : null,
    path: place !== undefined && 'path' in place ? harmless(place.path) : null,
    options: socket?.options ?? null,
    inode,
    network: caller.network,
    at,
    result: 'not seen',
    seen: null,
    inTheWay: [],
  };
}
