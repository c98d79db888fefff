import type { Claims } from './claim.ts';

/** Who waits, and why. */
export const waiting = {
  C11: {
    claim: 'Only the side that closes first enters TIME_WAIT; one side is enough.',
    cases: { simultaneous: 'even when both close at once' },
  },
  C12: { claim: 'The passive side goes CLOSE_WAIT, LAST_ACK, CLOSED and never waits.' },
  C13: {
    claim: 'The last ACK lost: the passive side sends its FIN again, TIME_WAIT answers each one with an ACK.',
    parts: {
      FIN: 'the passive side sends its FIN again',
      ACK: 'TIME_WAIT answers each one with an ACK',
    },
  },
  C14: { claim: 'Each repeated FIN starts the 2MSL wait over.' },
  C15: {
    claim:
      'Without TIME_WAIT the repeated FIN meets a RST, and the passive side sees an error instead of an orderly end.',
    parts: {
      RST: 'the repeated FIN meets a RST',
      error: 'the passive side sees an error instead of an orderly end',
    },
    cases: { read: 'the error appears in its read' },
  },
  C16: { claim: 'A repeated old FIN could close a new connection of the same pair.' },
  C17: { claim: '2MSL is set by tcp_fin_timeout.' },
  C18: {
    claim: 'An active closer always passes through TIME_WAIT.',
    cases: {
      'linger 0': 'a way past it: SO_LINGER with 0 seconds',
      'unread data': 'a way past it: a close with data unread',
      TCP_LINGER2: 'a way past it: TCP_LINGER2',
      'no buckets': 'a way past it: tcp_max_tw_buckets used up',
      'orphan timeout': 'a way past it: the orphaned FIN_WAIT2 is given up',
      destroyed: 'a way out of it before its time: destroyed by ss -K',
    },
  },
  C19: {
    claim: 'If a send or recv times out, the socket goes straight to CLOSED.',
    parts: { recv: 'if a recv times out (SO_RCVTIMEO)', send: 'if a send times out (SO_SNDTIMEO)' },
    cases: { retransmission: 'when what times out is a retransmission (TCP_USER_TIMEOUT)' },
  },
  C20: { claim: 'The length of TIME_WAIT does not depend on the RTT/RTO.' },
  C21: {
    claim:
      'TIME_WAIT assassination (RFC 1337): an old duplicate ends TIME_WAIT early. tcp_rfc1337 prevents it.',
    parts: { early: 'an old duplicate ends TIME_WAIT early', rfc1337: 'tcp_rfc1337 prevents it' },
  },
  C22: {
    claim:
      'The four segments and their sequence numbers are those of RFC 9293 figure 12 (RFC 793 figure 13): FIN counts as one.',
    cases: { three: 'three segments when ACK and FIN share one' },
  },
} as const satisfies Claims;
