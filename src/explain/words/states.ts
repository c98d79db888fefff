import type { Entry } from './entry.ts';

/** The states of a connection. */
export const states: readonly Entry[] = [
  [
    'LISTEN',
    'A server waits for connections. No other process can bind its address and port, unless all its sockets have SO_REUSEPORT and belong to one user.',
    'RFC 9293 section 3.3.2',
    ['tour', 'wildcard-and-specific', 'reuse-port'],
  ],
  [
    'SYN_SENT',
    'A client has sent SYN and has no answer yet. That normally lasts one round trip. If it lasts longer, the host is not there, a firewall drops the SYN, or the accept queue of the server is full.',
    'RFC 9293 section 3.5',
    ['tour'],
  ],
  [
    'SYN_RECV',
    'A server has answered a SYN and waits for the ACK that completes the connection.',
    'RFC 9293 section 3.5',
    ['tour'],
  ],
  [
    'ESTABLISHED',
    'The connection is open in both directions.',
    'RFC 9293 section 3.3.2',
    ['tour', 'close-or-shutdown'],
  ],
  [
    'FIN_WAIT1',
    'This side has closed first, and its FIN is not acknowledged yet. Usually over within milliseconds; it stays if the FIN is lost or waits behind data that the other side does not read.',
    'RFC 9293 section 3.6',
    ['fin-wait1-held', 'simultaneous'],
  ],
  [
    'FIN_WAIT2',
    'This side has closed first and knows that its FIN arrived; the other side has not closed. It may still send. Once the program has called close() or has ended, the kernel drops it after tcp_fin_timeout (60 s); after shutdown() alone it stays. If the other side closes before, TIME_WAIT follows.',
    'RFC 9293 section 3.6; tcp(7)',
    ['server-first', 'fin-wait2-half-close', 'fin-wait2-orphan'],
  ],
  [
    'CLOSE_WAIT',
    'The other side has closed, and the program on this side has not: it is still working, or it forgot to close. It has no timer of its own: only SO_KEEPALIVE or TCP_USER_TIMEOUT can end it without the program, if the other side is gone or answers with RST. Many of them are a leak in the program, not in the kernel.',
    'RFC 9293 section 3.6; tcp(7)',
    ['close-wait-leak', 'server-first'],
  ],
  [
    'LAST_ACK',
    'This side has closed second and waits for the acknowledgment of its FIN. Then the connection is gone at once.',
    'RFC 9293 section 3.6',
    ['last-ack', 'lost-last-ack'],
  ],
  [
    'CLOSING',
    'Both sides closed before either knew: the FIN of the other side has arrived, the acknowledgment of our own has not.',
    'RFC 9293 section 3.6, figure 13',
    ['closing', 'simultaneous'],
  ],
  [
    'TIME_WAIT',
    'This side closed first, or both sides at once, and everything is acknowledged. The kernel keeps the two addresses and ports reserved, without any process, to answer a repeated FIN and to let old segments die. That takes 60 s, fixed in Linux (TCP_TIMEWAIT_LEN); tcp_fin_timeout does not change it. It keeps a server from binding its port unless the old and the new socket both have SO_REUSEADDR, or both SO_REUSEPORT. It is normal, not a leak.',
    'RFC 9293 sections 3.4.2 and 3.6.1; Linux: TCP_TIMEWAIT_LEN',
    ['server-first', 'only-one-side', 'old-and-new', 'lost-last-ack', 'how-long'],
  ],
  [
    'NEW_SYN_RECV',
    'A half-open connection as the kernel keeps it now: a request of a listener, not a socket yet. Most tools show it as SYN_RECV.',
    'Linux: TCP_NEW_SYN_RECV, include/net/tcp_states.h',
    ['tour'],
  ],
  [
    'BOUND_INACTIVE',
    'A socket is bound and neither listens nor connects. It holds its port, and most tools do not show it; sock_diag does since Linux 6.8.',
    'Linux: TCP_BOUND_INACTIVE, include/net/tcp_states.h',
    ['bound-port'],
  ],
  ['CLOSED', 'There is no connection. No table shows this state.', 'RFC 9293 section 3.3.2', ['tour']],
];
