import type { Entry } from './entry.ts';

/** Socket options. */
export const options: readonly Entry[] = [
  [
    'SO_REUSEADDR',
    'Lets bind succeed over connections of an earlier server, if the old and the new socket both have it; SO_REUSEPORT on both does the same. It never helps over a listener. Set it before bind, in every start. Node (libuv) sets it in every bind: on each server, and on clients with localAddress or localPort.',
    'socket(7); Linux: inet_bind_conflict()',
    ['old-and-new', 'server-first', 'client-port'],
  ],
  [
    'SO_REUSEPORT',
    'Lets several sockets of one user bind the same port, listeners included, if all of them have it. Over connections of an earlier server it works like SO_REUSEADDR, if the old and the new socket both have it.',
    'socket(7)',
    ['reuse-port', 'old-and-new'],
  ],
  [
    'SO_LINGER',
    'What close() does with data that is not sent yet. Off: it returns at once, and the kernel delivers. On with 0 seconds: everything unsent is thrown away, and RST is sent. On with n seconds: close() waits up to n seconds until all is acknowledged, and then returns; the kernel goes on delivering.',
    'socket(7)',
    ['linger-zero', 'linger-zero-empty', 'linger-blocks'],
  ],
  [
    'SO_KEEPALIVE',
    'Makes the kernel probe the other side from time to time when nothing is sent. Off by default; the first probe comes after tcp_keepalive_time, two hours by default.',
    'socket(7), tcp(7)',
    ['keepalive'],
  ],
  [
    'SO_RCVTIMEO',
    'How long a receive may wait. Then it fails with EAGAIN, and the connection continues.',
    'socket(7)',
    ['socket-timeouts'],
  ],
  [
    'TCP_USER_TIMEOUT',
    'How long, in milliseconds, sent data may stay unacknowledged before the kernel gives up the connection. 0: as long as tcp_retries2 says.',
    'tcp(7); RFC 5482',
    ['user-timeout'],
  ],
  [
    'TCP_LINGER2',
    'How long, in seconds, the orphaned FIN_WAIT2 of this socket lives; tcp_fin_timeout if not set.',
    'tcp(7)',
    ['without-time-wait'],
  ],
  ['TCP_DEFER_ACCEPT', 'Keeps a connection in SYN_RECV until its first data arrives.', 'tcp(7)', ['tour']],
  [
    'IPV6_V6ONLY',
    'Whether a socket that is bound to :: leaves IPv4 alone. If not, it holds the port for IPv4, too.',
    'ipv6(7)',
    ['dual-stack'],
  ],
];
