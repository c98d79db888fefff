/** unix_diag: the kernel's table of Unix sockets, over netlink, with exact names and the inode on disk of a bound path. */
import { SystemCallError } from './errno.ts';
import {
  attributeIn,
  errnoOf,
  NETLINK_SOCK_DIAG,
  NetlinkSocket,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  netlinkMessage,
} from './netlink.ts';
import { SOCK_DIAG_BY_FAMILY } from './sock-diag-request.ts';
import { AF_UNIX } from './sockaddr.ts';

const TCP_LISTEN = 10;
const UDIAG_SHOW_NAME = 1;
const UDIAG_SHOW_VFS = 2;
const UDIAG_SHOW_PEER = 4;
const UDIAG_SHOW_RQLEN = 16;
const UDIAG_SHOW_UID = 64;
const UNIX_DIAG_NAME = 0;
const UNIX_DIAG_VFS = 1;
const UNIX_DIAG_PEER = 2;
const UNIX_DIAG_RQLEN = 4;
const UNIX_DIAG_UID = 7;

const shown = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;

/** The size of struct unix_diag_req, and of struct unix_diag_msg without the attributes that follow it. */
const requestSize = 24;
const messageSize = 16;

/** A file of a file system: both numbers as stat(2) reports them, the inode truncated to 32 bits. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

export interface UnixSocket {
  /** The socket's inode, as in /proc/<pid>/fd; 0 for a connection that has not been accepted yet. */
  readonly inode: number;
  readonly state: 'LISTEN' | 'other';
  /** sun_path as passed to bind(2), without the NUL that ends a path; an abstract name begins with NUL. Empty if unbound. */
  readonly name: Buffer;
  /** The file that bind(2) made; null for an abstract name. */
  readonly file: FileIdentity | null;
  /** The inode of the socket at the other end; 0 for a connection that has not been accepted yet; null if there is no other end. */
  readonly peer: number | null;
  /** For a listener, the number of connections that wait to be accepted, and its limit. */
  readonly waiting: number;
  readonly limit: number;
  /** The id of its user; null if the kernel does not report it. */
  readonly uid: number | null;
}

/** A netlink socket for queries about Unix sockets, in the network namespace in which it was opened. */
export class UnixDiag {
  /** @throws SystemCallError */
  readonly #socket = new NetlinkSocket(NETLINK_SOCK_DIAG);

  close(): void {
    this.#socket.close();
  }

  /** @throws SystemCallError ENOENT if the kernel has no unix_diag */
  listeners(): UnixSocket[] {
    return this.#ask(1 << TCP_LISTEN, 0);
  }

  /** @throws SystemCallError ENOENT if the kernel has no unix_diag */
  all(): UnixSocket[] {
    return this.#ask(0xffff_ffff, 0);
  }

  /** The socket with that inode; undefined if there is none. */
  find(inode: number): UnixSocket | undefined {
    try {
      return this.#ask(0xffff_ffff, inode)[0];
    } catch (error) {
      if (error instanceof SystemCallError && error.errno === 'ENOENT') return undefined;
      throw error;
    }
  }

  #ask(states: number, inode: number): UnixSocket[] {
    const body = Buffer.alloc(requestSize);
    body[0] = AF_UNIX;
    body.writeUInt32LE(states, 4);
    body.writeUInt32LE(inode, 8);
    body.writeUInt32LE(shown, 12);
    // INET_DIAG_NOCOOKIE: any socket.
    body.fill(0xff, 16, 24);
    const flags = inode === 0 ? NLM_F_REQUEST | NLM_F_DUMP : NLM_F_REQUEST;
    this.#socket.send(netlinkMessage(SOCK_DIAG_BY_FAMILY, flags, body));
    const found: UnixSocket[] = [];
    for (const message of this.#socket.messages()) {
      if (message.type === NLMSG_DONE) break;
      const error = errnoOf(message);
      if (error !== null) throw new SystemCallError('unix_diag', error);
      if (message.type === NLMSG_ERROR) break;
      found.push(readSocket(message.body));
      if (inode !== 0) break;
    }
    return found;
  }
}

function readSocket(body: Buffer): UnixSocket {
  if (body.length < messageSize) throw new RangeError('a message of unix_diag is too short');
  const file = attributeIn(body, messageSize, UNIX_DIAG_VFS);
  const name = Buffer.from(attributeIn(body, messageSize, UNIX_DIAG_NAME) ?? []);
  const isPath = name.length > 0 && name[0] !== 0;
  const peer = attributeIn(body, messageSize, UNIX_DIAG_PEER);
  const queue = attributeIn(body, messageSize, UNIX_DIAG_RQLEN);
  return {
    inode: body.readUInt32LE(4),
    state: body[2] === TCP_LISTEN ? 'LISTEN' : 'other',
    name: isPath && name.at(-1) === 0 ? name.subarray(0, -1) : name,
    file:
      file === undefined || !isPath
        ? null
        : { inode: file.readUInt32LE(0), device: deviceNumber(file.readUInt32LE(4)) },
    peer: peer === undefined ? null : peer.readUInt32LE(0),
    waiting: queue?.readUInt32LE(0) ?? 0,
    limit: queue?.readUInt32LE(4) ?? 0,
    uid: attributeIn(body, messageSize, UNIX_DIAG_UID)?.readUInt32LE(0) ?? null,
  };
}

// The kernel keeps the minor number in the lower 20 bits; stat(2) puts its upper 12 above the major number (makedev(3)).
function deviceNumber(kernels: number): number {
  const major = kernels >>> 20;
  const minor = kernels & 0xf_ffff;
  return (((minor & ~0xff) << 12) | (major << 8) | (minor & 0xff)) >>> 0;
}
