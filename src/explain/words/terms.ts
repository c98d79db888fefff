import type { Entry } from './entry.ts';

/** Segments, spans of time, calls and queues. */
export const terms: readonly Entry[] = [
  [
    'SYN',
    'The flag that opens a connection: it names the first sequence number of its sender.',
    'RFC 9293 section 3.5',
    ['tour'],
  ],
  [
    'FIN',
    'The flag that ends one direction: its sender will send no more data. The other direction stays open until its own FIN. The kernel sends it at close(), at shutdown() for writing, and when a process ends, for any reason.',
    'RFC 9293 section 3.6',
    ['four-segments', 'every-way-alike', 'fin-lost'],
  ],
  [
    'RST',
    'The flag that ends a connection at once, in both directions. The other side gets ECONNRESET, data on its way is lost, and there is no TIME_WAIT. The kernel sends it when a socket closes with unread data, or with SO_LINGER and 0 seconds, and to segments of a connection that it does not know.',
    'RFC 9293 sections 3.5.2 and 3.10.7',
    ['reset', 'unread-data-resets', 'linger-zero'],
  ],
  [
    'ACK',
    'The flag that says up to which sequence number everything has arrived. A FIN counts as one byte, so it is acknowledged, too.',
    'RFC 9293 section 3.4',
    ['four-segments', 'lost-last-ack'],
  ],
  [
    'MSL',
    'Maximum segment lifetime: how long a segment may live in the network. RFC 9293 says two minutes; Linux assumes 30 seconds.',
    'RFC 9293 section 3.4.2; Linux: TCP_TIMEWAIT_LEN',
    ['msl'],
  ],
  [
    '2MSL',
    'Twice the maximum segment lifetime: how long TIME_WAIT lasts. On Linux it is 60 seconds, a constant that no setting changes.',
    'RFC 9293 section 3.6.1; Linux: TCP_TIMEWAIT_LEN',
    ['how-long', 'timer-restarts', 'fin-timeout-is-not-2msl'],
  ],
  [
    'backlog',
    'The second argument of listen(): how many connections may wait in the accept queue, at most net.core.somaxconn. They are already ESTABLISHED and do not belong to a process yet. If the queue is full, the kernel drops the last ACK of a handshake, and only the client believes that it is connected.',
    'listen(2); Linux: sk_acceptq_is_full()',
    ['two-thousand'],
  ],
  [
    'close',
    'close() frees a descriptor. When the last holder calls it, the kernel sends FIN, or RST if data is unread; the socket may live on without a process.',
    'close(2); RFC 9293 section 3.6',
    ['close-or-shutdown', 'unread-data-resets'],
  ],
  [
    'shutdown',
    'shutdown() ends one direction of a connection, even if other processes hold it: for writing it sends FIN, for reading it sends nothing. It frees nothing; close() does that.',
    'shutdown(2)',
    ['close-or-shutdown', 'shut-wr', 'shut-rd'],
  ],
  [
    'half-close',
    'One side has sent FIN and still reads; the other side still sends. shutdown() for writing does this, and so does socket.end() of Node if the other side has allowHalfOpen.',
    'RFC 9293 section 3.6; shutdown(2)',
    ['shut-wr', 'fin-wait2-half-close'],
  ],
  [
    'destroy',
    'socket.destroy() of Node closes at once. Data still in the queue of Node is dropped; data that the kernel has accepted is delivered. With unread data the kernel sends RST.',
    'Node: net.Socket; close(2)',
    ['node-queue-lost', 'nothing-lost', 'unread-data-resets'],
  ],
  [
    'keepAliveTimeout',
    'How many milliseconds an HTTP server of Node keeps a connection after a response, waiting for the next request. Then it closes first: TIME_WAIT stays at the server, and a request that is on its way gets RST. Give the server a longer time than the proxy or the pool in front of it.',
    'Node: http.Server, server.keepAliveTimeout',
    ['keep-alive-race', 'server-first'],
  ],
  [
    'orphan',
    'A socket that no process holds any more and that the kernel keeps: to deliver what is left, or to wait for a FIN.',
    'tcp(7); Linux: tcp_close()',
    ['fin-wait2-orphan', 'nothing-lost'],
  ],
  [
    'ephemeral port',
    'A port that the kernel chooses for an outgoing connection, from net.ipv4.ip_local_port_range.',
    'ip(7); RFC 6056',
    ['ports-run-out', 'ephemeral-client-blocks'],
  ],
  [
    'PAWS',
    'Protection against wrapped sequence numbers: a segment with an older timestamp than the last one is refused.',
    'RFC 7323 section 5',
    ['refused-by-timestamps'],
  ],
  [
    'UDP',
    'The other transport protocol. It has no connections, no states and no TIME_WAIT, and its ports are separate from those of TCP: a UDP socket on 8080 does not keep a TCP server from binding 8080. tcpclose reports TCP.',
    'RFC 768; udp(7)',
    [],
  ],
];
