import type { Endpoint } from '../address.ts';
import { SystemCallError } from './errno.ts';
import { libc, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.ts';
import { AF_INET6, decodeSockaddr, encodeSockaddr, familyOf } from './sockaddr.ts';

const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;

/**
 * A TCP socket for an address of that family. Other programs never inherit its descriptor: an inherited listener would continue to listen.
 * @throws SystemCallError
 */
export function openSocket(address: string, mode: 'blocking' | 'non-blocking'): number {
  const type = SOCK_STREAM | SOCK_CLOEXEC | (mode === 'non-blocking' ? SOCK_NONBLOCK : 0);
  return libc.socket(familyOf(address), type, 0);
}

export function isIPv6Socket(address: string): boolean {
  return familyOf(address) === AF_INET6;
}

/** bind(2). Port 0 lets the kernel choose. */
export function bindSocket(fd: number, endpoint: Endpoint): void {
  bindToName(fd, encodeSockaddr(endpoint));
}

/** bind(2) to the bytes of any struct sockaddr. */
export function bindToName(fd: number, name: Buffer): void {
  libc.bind(fd, name, name.length);
}

export function listenOn(fd: number, backlog: number): void {
  libc.listen(fd, backlog);
}

/** connect(2) on a separate thread: a blocking socket waits as long as the kernel sends SYNs, or for SO_SNDTIMEO. */
export async function connectSocket(fd: number, endpoint: Endpoint): Promise<void> {
  const address = encodeSockaddr(endpoint);
  await uninterrupted(async () => libc.connect.async(fd, address, address.length));
}

/** connect(2), which on a blocking socket blocks the whole process, up to SO_SNDTIMEO. */
export function connectNow(fd: number, endpoint: Endpoint): void {
  const address = encodeSockaddr(endpoint);
  uninterruptedNow(() => libc.connect(fd, address, address.length));
}

/** accept4(2), which on a blocking socket waits up to SO_RCVTIMEO. The accepted socket does not block. */
export function acceptNow(fd: number): number {
  return uninterruptedNow(() => libc.accept(fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

export function setBlocking(fd: number, mode: 'blocking' | 'non-blocking'): void {
  const flags = libc.fcntl(fd, F_GETFL, 0) & ~O_NONBLOCK;
  libc.fcntl(fd, F_SETFL, mode === 'non-blocking' ? flags | O_NONBLOCK : flags);
}

export function localEndpoint(fd: number): Endpoint {
  return decodeSockaddr(socketName(fd));
}

/** getsockname(2) with raw bytes: only the family for a Unix socket without a name. */
export function socketName(fd: number): Buffer {
  const address = Buffer.alloc(128);
  const size: [number] = [address.length];
  libc.getsockname(fd, address, size);
  return address.subarray(0, size[0]);
}

const shutdownHow = { read: 0, write: 1, both: 2 } as const;

export function shutdownSocket(fd: number, how: keyof typeof shutdownHow): void {
  libc.shutdown(fd, shutdownHow[how]);
}

/** send(2) without blocking and without SIGPIPE. Returns how many bytes the kernel accepted. */
export function sendNow(fd: number, data: Buffer): number {
  return libc.send(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** recv(2) without blocking: the bytes, or none at the end of the stream. EAGAIN if there are none yet. */
export function receiveNow(fd: number, most: number): Buffer {
  const data = Buffer.alloc(most);
  return data.subarray(0, libc.recv(fd, data, most, MSG_DONTWAIT));
}

/** recv(2) or send(2) on a separate thread, on a blocking descriptor: it waits as long as the socket's options allow. */
export async function blockIn(call: 'recv' | 'send', fd: number, bytes: number): Promise<number> {
  const data = Buffer.alloc(bytes, 'tcpclose');
  return await uninterrupted(async () => libc[call].async(fd, data, bytes, MSG_NOSIGNAL));
}

/**
 * Repeats a call, as programs do: a call with a time limit ends with EINTR if its process is stopped and continued (signal(7)). A repeated
 * connect(2) waits for the connection that the first one began.
 */
async function uninterrupted<Value>(call: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      throwUnlessInterrupted(error);
    }
  }
}

function uninterruptedNow<Value>(call: () => Value): Value {
  for (;;) {
    try {
      return call();
    } catch (error) {
      throwUnlessInterrupted(error);
    }
  }
}

function throwUnlessInterrupted(error: unknown): void {
  if (!(error instanceof SystemCallError) || error.errno !== 'EINTR') throw error;
}

export function closeDescriptor(fd: number): void {
  libc.close(fd);
}

/** Uses a descriptor, and closes it afterwards. */
export function withDescriptor<Value>(fd: number, use: (fd: number) => Value): Value {
  try {
    return use(fd);
  } finally {
    closeDescriptor(fd);
  }
}
