import type { Endpoint } from '../address.ts';
import { libc, SOCK_CLOEXEC, SOCK_RAW } from './libc.ts';
import { encodeSockaddr, familyOf } from './sockaddr.ts';
import { withDescriptor } from './socket.ts';

/** With this protocol the sender provides the IP header (raw(7), also for IPv6). */
const IPPROTO_RAW = 255;

/** Sends IP packets unchanged, headers included (raw(7)), one after the other. Needs CAP_NET_RAW over the namespace. */
export function sendPackets(packets: readonly Buffer[], { address }: Endpoint): void {
  // A raw socket has no ports.
  const destination = encodeSockaddr({ address, port: 0 });
  withDescriptor(libc.socket(familyOf(address), SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), (fd) => {
    for (const packet of packets) {
      libc.sendto(fd, packet, packet.length, 0, destination, destination.length);
    }
  });
}
