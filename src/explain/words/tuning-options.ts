import type { Entry } from './entry.ts';

/** Socket options of buffers, timers and repair. */
export const tuningOptions: readonly Entry[] = [
  [
    'SO_ERROR',
    'The error that waits on the socket, such as that of a connect() in the background; reading clears it.',
    'socket(7)',
    [],
  ],
  [
    'SO_SNDBUF',
    'The size of the send buffer, in bytes. A write that fits in it returns before its data is sent.',
    'socket(7)',
    ['nothing-lost'],
  ],
  [
    'SO_RCVBUF',
    'The size of the receive buffer, in bytes. When it is full the window is closed.',
    'socket(7)',
    ['fin-wait1-held'],
  ],
  [
    'SO_SNDTIMEO',
    'How long a send may wait. Then it fails with EAGAIN, and the connection continues.',
    'socket(7)',
    ['socket-timeouts'],
  ],
  [
    'IP_BIND_ADDRESS_NO_PORT',
    'Makes bind() with port 0 leave the choice of the port to connect(), so that one port can serve several destinations.',
    'ip(7)',
    ['ports-run-out'],
  ],
  [
    'TCP_NODELAY',
    'Sends small writes at once instead of waiting for more (the algorithm of Nagle).',
    'tcp(7)',
    [],
  ],
  ['TCP_MAXSEG', 'The largest segment that the connection sends, in bytes.', 'tcp(7)', []],
  [
    'TCP_KEEPIDLE',
    'How many seconds without traffic pass before the first keepalive probe of this socket.',
    'tcp(7)',
    ['keepalive'],
  ],
  [
    'TCP_KEEPINTVL',
    'How many seconds pass between two keepalive probes of this socket.',
    'tcp(7)',
    ['keepalive'],
  ],
  ['TCP_KEEPCNT', 'How many keepalive probes of this socket may stay unanswered.', 'tcp(7)', ['keepalive']],
  [
    'TCP_SYNCNT',
    'How many times the SYN of this socket is retransmitted before connect() fails with ETIMEDOUT.',
    'tcp(7)',
    [],
  ],
  ['TCP_WINDOW_CLAMP', 'The largest window that the socket offers, in bytes.', 'tcp(7)', []],
  ['TCP_QUICKACK', 'Sends ACKs at once instead of with the next data. It does not stay on.', 'tcp(7)', []],
  [
    'TCP_REPAIR',
    'Lets a program with CAP_NET_ADMIN read and write the state of a connection, and close it without a segment.',
    'Linux: do_tcp_setsockopt(); CRIU',
    [],
  ],
  [
    'TCP_REPAIR_QUEUE',
    'Which queue of a socket in repair is meant: none, the receive queue, or the send queue.',
    'Linux: do_tcp_setsockopt(); CRIU',
    [],
  ],
  [
    'TCP_QUEUE_SEQ',
    'The sequence number of the queue of a socket in repair.',
    'Linux: do_tcp_setsockopt(); CRIU',
    [],
  ],
];
