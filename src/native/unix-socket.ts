/** Unix sockets by the exact bytes of their name, which Node cannot give: some releases of it fill abstract names up with NULs. */
import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';
import { closeDescriptor } from './socket.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const pathAt = 2;

const calls = {
  socket: libcFunction<[number, number, number]>('int socket(int domain, int type, int protocol)'),
  connect: libcFunction<[number, Buffer, number]>('int connect(int fd, void *address, uint32_t size)'),
};

/**
 * A stream socket that is connected to that name: a path, or an abstract name, which begins with NUL and is as long as it is.
 * @throws SystemCallError ECONNREFUSED, EAGAIN when the accept queue is full ...
 */
export function connectUnix(name: Buffer): number {
  const fd = failOn('socket', calls.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    const isPath = name[0] !== 0;
    const address = Buffer.alloc(pathAt + name.length + (isPath ? 1 : 0));
    address.writeUInt16LE(AF_UNIX);
    name.copy(address, pathAt);
    failOn('connect', calls.connect(fd, address, address.length));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
