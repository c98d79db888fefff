import type { Entry } from './entry.ts';

/** The errors of system calls. */
export const errnos: readonly Entry[] = [
  [
    'EADDRINUSE',
    '"Address already in use": bind or listen conflicts with another socket on the port. That need not be a listener: connections of an earlier server block the port as well, unless the old and the new socket both have SO_REUSEADDR, or both SO_REUSEPORT. In FIN_WAIT2 without a process that lasts up to 60 s (tcp_fin_timeout), and in TIME_WAIT after it another 60 s: up to two minutes. A connection that a process still has open blocks without a limit. Node reports "listen EADDRINUSE" when bind fails, too.',
    'bind(2), listen(2); Linux: inet_csk_get_port()',
    ['server-first', 'old-and-new', 'ephemeral-client-blocks', 'client-port'],
  ],
  [
    'EADDRNOTAVAIL',
    '"Cannot assign requested address": bind was given an address that this machine does not have; or connect found no free port for that destination, because connections or TIME_WAITs of the client use them all; or this pair of ports is still in use.',
    'bind(2), connect(2); ip-sysctl: ip_local_port_range',
    ['ports-run-out', 'same-pair-without-timestamps'],
  ],
  [
    'ECONNRESET',
    '"Connection reset by peer": the other side sent RST: it died or closed with unread data, closed with SO_LINGER and 0 seconds, or no longer knew the connection.',
    'RFC 9293 section 3.10.7.4; recv(2)',
    ['unread-data-resets', 'linger-zero', 'with-unread-data', 'repeated-fin-meets-reset'],
  ],
  [
    'EPIPE',
    '"Broken pipe": a write on a connection that can no longer send, because its own side has called shutdown(), or because an earlier error such as a RST has ended it. The kernel also sends SIGPIPE, which ends a program that does not ignore it, unless MSG_NOSIGNAL is set.',
    'send(2), signal(7)',
    ['write-after-close', 'fin-wait2-half-close'],
  ],
  [
    'ETIMEDOUT',
    '"Connection timed out": the SYN of connect(), sent data or keep-alive probes got no answer for too long, and the kernel gave up the connection.',
    'tcp(7), TCP_USER_TIMEOUT',
    ['user-timeout'],
  ],
  [
    'ECONNREFUSED',
    '"Connection refused": a RST answered the SYN, because nothing listens on that port, or because a firewall rejects it.',
    'connect(2)',
    [],
  ],
  [
    'EAGAIN',
    '"Resource temporarily unavailable": a call would have to wait but must not, or has waited as long as SO_RCVTIMEO or SO_SNDTIMEO allows. The connection is not affected.',
    'recv(2), send(2), socket(7)',
    ['socket-timeouts'],
  ],
  [
    'EACCES',
    '"Permission denied": bind was given a port below net.ipv4.ip_unprivileged_port_start without CAP_NET_BIND_SERVICE. Whether the port is free does not matter: bind fails in either case.',
    'bind(2), ip(7), capabilities(7)',
    [],
  ],
  [
    'EMFILE',
    '"Too many open files": the process has as many descriptors as its limit (ulimit -n) allows, and each connection takes one. A server that never closes its CLOSE_WAITs reaches the limit. Then accept fails, and connections wait in the accept queue.',
    'accept(2), getrlimit(2)',
    ['close-wait-leak'],
  ],
  [
    'EHOSTUNREACH',
    '"No route to host": nothing answers for the address of the other host any more, or a router reported it unreachable.',
    'connect(2), ip(7); arp(7)',
    ['cable-out'],
  ],
  [
    'ENOTCONN',
    '"Transport endpoint is not connected": shutdown or getpeername was called on a socket whose connection is over or never existed.',
    'shutdown(2), getpeername(2)',
    [],
  ],
  [
    'ECONNABORTED',
    '"Software caused connection abort": a connection ended while it waited to be accepted, or was destroyed from outside (ss -K).',
    'accept(2); ss(8), -K; Linux: tcp_abort()',
    [],
  ],
];
