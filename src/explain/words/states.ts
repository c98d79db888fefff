import type { Entry } from './entry.ts';

/** The states of a connection. */
export const states: readonly Entry[] = [
  [
    'LISTEN',
    'A server waits for connections. Its port can be bound by nobody else, except where all of them have SO_REUSEPORT.',
    'RFC 9293 section 3.3.2',
    ['tour', 'wildcard-and-specific', 'reuse-port'],
  ],
  [
    'SYN_SENT',
    'A client has sent SYN and has no answer yet: nobody is there, a firewall is silent, or the accept queue of the server is full.',
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
    'This side has closed first and knows that its FIN arrived; the other side has not closed. It may still send. Without a process the kernel gives it up after tcp_fin_timeout; with one it stays.',
    'RFC 9293 section 3.6; tcp(7)',
    ['server-first', 'fin-wait2-half-close', 'fin-wait2-orphan'],
  ],
  [
    'CLOSE_WAIT',
    'The other side has closed, and this program has not: it is still at work, or it has forgotten to close. No timer ends this state. Many of them are a leak in the program, not in the kernel.',
    'RFC 9293 section 3.6',
    ['close-wait-leak', 'server-first'],
  ],
  [
    'LAST_ACK',
    'This side has closed second and waits for the acknowledgment of its FIN; then it is gone, without waiting.',
    'RFC 9293 section 3.6',
    ['last-ack', 'lost-last-ack'],
  ],
  [
    'CLOSING',
    'Both sides have closed before either knew of it: the FIN of the other side is here, the answer to the own one is not.',
    'RFC 9293 section 3.6, figure 13',
    ['closing', 'simultaneous'],
  ],
  [
    'TIME_WAIT',
    'This side closed first, and all is done. The kernel keeps the pair for a minute, without any process, to answer a FIN that comes again and to let old segments die. It keeps a server from binding its port where SO_REUSEADDR is missing on either the old or the new socket. It does no harm by itself.',
    'RFC 9293 section 3.4.2 and 3.6.1',
    ['server-first', 'only-one-side', 'old-and-new', 'lost-last-ack', 'how-long'],
  ],
  [
    'CLOSED',
    'There is no connection: the state that shows by its absence.',
    'RFC 9293 section 3.3.2',
    ['tour'],
  ],
];
