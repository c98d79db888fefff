import type { Endpoint } from '../address.ts';
import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';
import { encodeSockaddr, familyOf } from './sockaddr.ts';
import { closeDescriptor } from './socket.ts';

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
/** With this protocol the IP header is the sender's own (raw(7), also for IPv6). */
const IPPROTO_RAW = 255;

const calls = {
  socket: libcFunction<[number, number, number]>('int socket(int domain, int type, int protocol)'),
  sendto: libcFunction<[number, Buffer, number, number, Buffer, number]>(
    'long sendto(int fd, void *data, size_t size, int flags, void *address, uint32_t length)',
  ),
};

/** Sends IP packets as they are, headers included (raw(7)), one after the other. Needs CAP_NET_RAW over the namespace. */
export function sendPackets(packets: readonly Buffer[], { address }: Endpoint): void {
  const fd = failOn('socket', calls.socket(familyOf(address), SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  try {
    // A raw socket has no ports.
    const destination = encodeSockaddr({ address, port: 0 });
    for (const packet of packets) {
      failOn('sendto', calls.sendto(fd, packet, packet.length, 0, destination, destination.length));
    }
  } finally {
    closeDescriptor(fd);
  }
}
