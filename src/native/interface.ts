import { libc } from './libc.ts';
import { openSocket, withDescriptor } from './socket.ts';

const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
/** struct ifreq: a name of 16 bytes, and the value to get or set. */
const requestSize = 40;
const flagsAt = 16;

/** Brings a network interface up, like `ip link set <name> up` (netdevice(7)). Needs CAP_NET_ADMIN over the namespace. */
export function raiseInterface(name: string): void {
  const request = Buffer.alloc(requestSize);
  request.write(name, 'latin1');
  withDescriptor(openSocket('127.0.0.1', 'non-blocking'), (fd) => {
    libc.ioctl(fd, SIOCGIFFLAGS, request);
    request.writeUInt16LE(request.readUInt16LE(flagsAt) | IFF_UP, flagsAt);
    libc.ioctl(fd, SIOCSIFFLAGS, request);
  });
}
