import type { Entry } from './entry.ts';

/** More words of RFC 9293 and of the calls. */
export const protocolTerms: readonly Entry[] = [
  [
    'handshake',
    'SYN, SYN with ACK, ACK: three segments open a connection, actively by connect() and passively by listen(). If both sides call connect() at once, each sends SYN (simultaneous open). To close takes four, or three if ACK and FIN share one.',
    'RFC 9293 section 3.5',
    ['tour', 'four-segments', 'three-segments'],
  ],
  [
    'segment',
    'What TCP sends: a header with sequence number, acknowledgment, flags and window, and data or none.',
    'RFC 9293 section 3.1',
    ['four-segments'],
  ],
  [
    '4-tuple',
    'Local address, local port, remote address, remote port: they identify a connection. TIME_WAIT keeps this pair of ends, and not the whole port.',
    'RFC 9293 section 3.3.1',
    ['same-pair', 'only-one-side'],
  ],
  [
    'TCB',
    'Transmission control block: what one side knows about a connection. Linux keeps it in a struct tcp_sock of some 2 KiB, and in TIME_WAIT in a much smaller one.',
    'RFC 9293 section 3.3.1',
    ['memory'],
  ],
  [
    'RTT',
    'Round-trip time: how long a segment and its acknowledgment take. The retransmission timeout follows from it; TIME_WAIT does not.',
    'RFC 6298',
    ['rto-does-not-matter'],
  ],
  [
    'delayed ACK',
    'The kernel waits 40 to 200 ms for data to send along with an acknowledgment. So the ACK of a FIN often goes with the own FIN: three segments instead of four.',
    'RFC 9293 section 3.8.6.3; RFC 1122 section 4.2.3.2',
    ['three-segments'],
  ],
  [
    'quiet time',
    'After a crash a host should send nothing for one MSL, because it has forgotten the sequence numbers that it used. Linux does not do so; random initial numbers and timestamps take its place.',
    'RFC 9293 section 3.4.3',
    ['reused-server-gets-old-data'],
  ],
  [
    'recv',
    'recv() and read() return the data that has arrived, 0 at its end (the other side has sent FIN), and ECONNRESET after a RST. Whoever gets 0 and does not close leaves the connection in CLOSE_WAIT.',
    'recv(2)',
    ['close-wait-leak', 'shut-wr'],
  ],
  [
    'send',
    'send() and write() copy data to the send buffer. Success does not mean that it has arrived: the first one after the other side closed succeeds, the next one fails with EPIPE.',
    'send(2)',
    ['write-after-close', 'nothing-lost'],
  ],
  [
    'poll',
    'poll() and epoll wait for sockets. POLLIN also comes at the end of the data; POLLRDHUP: the other side has sent FIN; POLLHUP: both directions have ended; POLLERR: an error such as ECONNRESET waits in SO_ERROR.',
    'poll(2), epoll_ctl(2)',
    ['shut-wr'],
  ],
  [
    'SO_EXCLUSIVEADDRUSE',
    'An option of Windows. There SO_REUSEADDR lets a second program take a port from a listener, and this option forbids it. On Linux SO_REUSEADDR never does that.',
    'Windows: Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE',
    ['server-first'],
  ],
];
