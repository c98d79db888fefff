import type { Claims } from './claim.ts';

/** Ways of closing. */
export const closing = {
  C44: {
    claim: 'close() lowers a count; only the last close sends FIN. shutdown() sends it at once.',
    parts: { 'last close': 'only the last close sends FIN', shutdown: 'shutdown() sends it at once' },
  },
  C45: {
    claim: 'After shutdown(SHUT_RD) arriving data is acknowledged and silently dropped.',
    parts: { acknowledged: 'it is acknowledged', dropped: 'it is silently dropped' },
  },
  C46: { claim: 'SHUT_WR is a half-close.' },
  C47: {
    claim: 'SO_LINGER {on, 0}: the send buffer is thrown away and a RST is sent, no TIME_WAIT.',
    parts: {
      buffer: 'the send buffer is thrown away',
      RST: 'a RST is sent',
      'no TIME_WAIT': 'no TIME_WAIT is left',
    },
  },
  C48: { claim: 'SO_LINGER {on, 0} with nothing unsent is still an ordinary four-way close.' },
  C49: {
    claim: 'SO_LINGER {on, n>0}: close() blocks up to n seconds.',
    cases: { exit: 'and so does the exit of the process' },
  },
  C50: {
    claim: 'Without SO_LINGER close() loses nothing that was written.',
    cases: {
      'unread data': 'even if the closer left data unread',
      "Node's queue": "including what was written to Node's stream and not yet to the kernel",
    },
  },
  C51: {
    claim: 'A close with unread received data sends RST, and what was sent may be lost.',
    parts: { RST: 'a close with unread received data sends RST', lost: 'what was sent may be lost' },
  },
  C52: {
    claim: 'close(), exit, a crash with core dump, and kill all end a connection in the same, orderly way.',
    parts: {
      'close()': 'close() does',
      exit: 'exit does, even after an uncaught exception',
      'core dump': 'a crash with core dump does',
      kill: 'kill does, by any signal',
    },
    cases: { unread: 'even with data left unread' },
  },
  C53: {
    claim:
      'Writing to a connection that the peer has fully closed: first write gets a RST back, the next fails with EPIPE.',
    parts: { RST: 'the first write gets a RST back', EPIPE: 'the next fails with EPIPE' },
  },
} as const satisfies Claims;
