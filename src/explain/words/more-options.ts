import type { Entry } from './entry.ts';

/** Options that servers set and that say little about closing. */
export const moreOptions: readonly Entry[] = [
  [
    'TCP_CORK',
    'Holds back segments that are not full until the option is off, for at most 200 ms. close() and shutdown() send what is held back, and FIN with it.',
    'tcp(7)',
    [],
  ],
  [
    'TCP_FASTOPEN',
    'A listener takes data in the SYN of a client that it knows. Its value is the number of such connections that may wait.',
    'tcp(7); RFC 7413',
    [],
  ],
  ['TCP_NOTSENT_LOWAT', 'The same as net.ipv4.tcp_notsent_lowat, for one socket.', 'tcp(7)', []],
  [
    'IP_FREEBIND',
    'Lets bind() take an address that this machine does not have yet, as for a failover address: no EADDRNOTAVAIL.',
    'ip(7)',
    [],
  ],
  [
    'IP_TRANSPARENT',
    'Lets a proxy bind to addresses of others, and accept what a TPROXY rule gives it. Needs CAP_NET_ADMIN.',
    'ip(7)',
    [],
  ],
  [
    'SO_INCOMING_CPU',
    'Among listeners with SO_REUSEPORT, the one on the CPU that got the SYN is preferred.',
    'socket(7)',
    ['reuse-port'],
  ],
];
