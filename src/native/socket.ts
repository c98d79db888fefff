import type { Endpoint } from '../address.ts';
import { failOn } from './call.ts';
import { errnoName, SystemCallError } from './errno.ts';
import { libcFunction, libcFunctionAsync } from './koffi.ts';
import { AF_INET6, decodeSockaddr, encodeSockaddr, familyOf } from './sockaddr.ts';

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const calls = {
  socket: libcFunction<[number, number, number]>('int socket(int domain, int type, int protocol)'),
  bind: libcFunction<[number, Buffer, number]>('int bind(int fd, void *address, uint32_t size)'),
  listen: libcFunction<[number, number]>('int listen(int fd, int backlog)'),
  accept4: libcFunction<[number, null, null, number]>(
    'int accept4(int fd, void *address, void *size, int flags)',
  ),
  connect: libcFunction<[number, Buffer, number]>('int connect(int fd, void *address, uint32_t size)'),
  getsockname: libcFunction<[number, Buffer, Buffer]>('int getsockname(int fd, void *address, void *size)'),
  shutdown: libcFunction<[number, number]>('int shutdown(int fd, int how)'),
  send: libcFunction<[number, Buffer, number, number]>(
    'long send(int fd, void *data, size_t size, int flags)',
  ),
  recv: libcFunction<[number, Buffer, number, number]>(
    'long recv(int fd, void *data, size_t size, int flags)',
  ),
  fcntl: libcFunction<[number, number, number]>('int fcntl(int fd, int command, int argument)'),
  close: libcFunction<[number]>('int close(int fd)'),
};

const connectAsync = libcFunctionAsync<[number, Buffer, number]>(
  'int connect(int fd, void *address, uint32_t size)',
);

const blockingCalls = {
  recv: libcFunctionAsync<[number, Buffer, number, number]>(
    'long recv(int fd, void *data, size_t size, int flags)',
  ),
  send: libcFunctionAsync<[number, Buffer, number, number]>(
    'long send(int fd, void *data, size_t size, int flags)',
  ),
};

/**
 * A TCP socket for an address of that family. Descriptors are never inherited by other programs, since an inherited
 * listener keeps listening.
 * @throws SystemCallError
 */
export function openSocket(address: string, mode: 'blocking' | 'non-blocking'): number {
  const type = SOCK_STREAM | SOCK_CLOEXEC | (mode === 'non-blocking' ? SOCK_NONBLOCK : 0);
  return failOn('socket', calls.socket(familyOf(address), type, 0));
}

export function isIPv6Socket(address: string): boolean {
  return familyOf(address) === AF_INET6;
}

/** bind(2). Port 0 lets the kernel choose. */
export function bindSocket(fd: number, endpoint: Endpoint): void {
  const address = encodeSockaddr(endpoint);
  failOn('bind', calls.bind(fd, address, address.length));
}

/** bind(2) to the bytes of any struct sockaddr. */
export function bindToName(fd: number, name: Buffer): void {
  failOn('bind', calls.bind(fd, name, name.length));
}

export function listenOn(fd: number, backlog: number): void {
  failOn('listen', calls.listen(fd, backlog));
}

/** connect(2) on a thread of its own: a blocking socket waits there as long as the kernel sends SYNs, or SO_SNDTIMEO. */
export async function connectSocket(fd: number, endpoint: Endpoint): Promise<void> {
  const address = encodeSockaddr(endpoint);
  const { result, errno } = await connectAsync(fd, address, address.length);
  if (result === -1) throw new SystemCallError('connect', errnoName(errno));
}

/** connect(2), which on a blocking socket waits as long as SO_SNDTIMEO lets it, and the whole process with it. */
export function connectNow(fd: number, endpoint: Endpoint): void {
  const address = encodeSockaddr(endpoint);
  failOn('connect', calls.connect(fd, address, address.length));
}

/** accept4(2), which on a blocking socket waits as long as SO_RCVTIMEO lets it. The accepted socket does not block. */
export function acceptNow(fd: number): number {
  return failOn('accept', calls.accept4(fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

export function setBlocking(fd: number, mode: 'blocking' | 'non-blocking'): void {
  const flags = failOn('fcntl', calls.fcntl(fd, F_GETFL, 0)) & ~O_NONBLOCK;
  failOn('fcntl', calls.fcntl(fd, F_SETFL, mode === 'non-blocking' ? flags | O_NONBLOCK : flags));
}

export function localEndpoint(fd: number): Endpoint {
  return decodeSockaddr(socketName(fd));
}

/** getsockname(2) as it is: the family alone for a Unix socket without a name. */
export function socketName(fd: number): Buffer {
  const address = Buffer.alloc(128);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(address.length);
  failOn('getsockname', calls.getsockname(fd, address, size));
  return address.subarray(0, size.readUInt32LE());
}

const shutdownHow = { read: 0, write: 1, both: 2 } as const;

export function shutdownSocket(fd: number, how: keyof typeof shutdownHow): void {
  failOn('shutdown', calls.shutdown(fd, shutdownHow[how]));
}

/** send(2) without blocking and without SIGPIPE: how many bytes the kernel took. */
export function sendNow(fd: number, data: Buffer): number {
  return failOn('send', calls.send(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/** recv(2) without blocking: the bytes, none of them at the end of the stream. EAGAIN where there are none yet. */
export function receiveNow(fd: number, most: number): Buffer {
  const data = Buffer.alloc(most);
  return data.subarray(0, failOn('recv', calls.recv(fd, data, most, MSG_DONTWAIT)));
}

/** recv(2) or send(2) on a thread of its own, on a blocking descriptor: as long as the socket's options let it wait. */
export async function blockIn(call: 'recv' | 'send', fd: number, bytes: number): Promise<number> {
  const data = Buffer.alloc(bytes, 'tcpclose');
  const { result, errno } = await blockingCalls[call](fd, data, bytes, MSG_NOSIGNAL);
  if (result === -1) throw new SystemCallError(call, errnoName(errno));
  return result;
}

export function closeDescriptor(fd: number): void {
  failOn('close', calls.close(fd));
}
