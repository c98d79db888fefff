/** Unix sockets by the exact bytes of their name, which Node does not support: some of its releases pad abstract names with NULs. */
import { libc, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.ts';
import { AF_UNIX } from './sockaddr.ts';
import { closeDescriptor } from './socket.ts';

const pathAt = 2;

/**
 * A stream socket that is connected to that name: a path, or an abstract name, which begins with NUL and is not padded.
 * @throws SystemCallError ECONNREFUSED, EAGAIN when the accept queue is full ...
 */
export function connectUnix(name: Buffer): number {
  return opened(libc.connect, name);
}

/**
 * A stream socket that is bound to an abstract name, which is free again once the socket is closed. A path would stay.
 * @throws SystemCallError EADDRINUSE
 */
export function bindAbstract(name: Buffer): number {
  if (name[0] !== 0) throw new TypeError('not an abstract name');
  return opened(libc.bind, name);
}

function opened(call: typeof libc.bind, name: Buffer): number {
  const fd = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    const address = addressOf(name);
    call(fd, address, address.length);
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** struct sockaddr_un. */
function addressOf(name: Buffer): Buffer {
  const isPath = name[0] !== 0;
  const address = Buffer.alloc(pathAt + name.length + (isPath ? 1 : 0));
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, pathAt);
  return address;
}
