import type { Claims } from './claim.ts';

/** States. */
export const states = {
  C23: {
    claim: 'FIN_WAIT1 is hardly ever seen.',
    cases: { held: 'even when the FIN is kept from being answered' },
  },
  C24: {
    claim: 'FIN_WAIT2 is a half-closed connection: the other side can still send, and this side receives it.',
    parts: {
      sends: 'the other side can still send',
      receives: 'this side receives it, and stays in FIN_WAIT2',
    },
  },
  C25: {
    claim: 'A FIN with an ACK in FIN_WAIT1 leads straight to TIME_WAIT.',
    cases: { 'one segment': 'that one segment does, as seen from outside' },
  },
  C26: {
    claim: 'CLOSING is the simultaneous close, and rare.',
    parts: {
      simultaneous: 'CLOSING is the simultaneous close',
      rare: 'rare: no ordinary close passes through it',
    },
  },
  C27: {
    claim:
      'A side that learns of the close and never calls close() stays in CLOSE_WAIT for good; its read returns 0.',
    parts: { stays: 'it stays in CLOSE_WAIT for good: no timer ends it', read: 'its read returns 0' },
  },
  C28: {
    claim:
      'An orphaned FIN_WAIT2 is given up after tcp_fin_timeout; one whose process still holds it is not.',
    parts: {
      orphaned: 'an orphaned FIN_WAIT2 is given up after tcp_fin_timeout',
      held: 'one whose process still holds it is not',
    },
  },
} as const satisfies Claims;
