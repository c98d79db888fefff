import type { Claims } from './claim.ts';

/** Silence. */
export const silence = {
  C54: {
    claim:
      "The peer's host is gone: data is sent again with growing gaps; in the end ETIMEDOUT or EHOSTUNREACH, and then EPIPE.",
    parts: {
      'sent again': 'data is sent again with growing gaps',
      error: 'in the end ETIMEDOUT or EHOSTUNREACH',
      EPIPE: 'and then EPIPE',
    },
  },
  C55: {
    claim:
      'The other side is silent and sends nothing: only keepalive or a heartbeat of the application notices.',
    parts: {
      neither: 'without either nothing is noticed',
      keepalive: 'keepalive notices',
      heartbeat: 'a heartbeat of the application notices',
    },
  },
  C56: {
    claim: 'RFC 793 sets MSL to 2 minutes, systems use 30 s to 2 minutes (Windows: TcpTimedWaitDelay).',
    parts: {
      here: 'this kernel uses 30 s to 2 minutes',
      elsewhere: {
        text: 'so do other systems, and RFC 793 says 2 minutes',
        unmeasured: 'documented, and not to be measured on this machine',
      },
    },
    cases: { '2 minutes': 'this kernel uses 2 minutes, as RFC 793 says' },
  },
} as const satisfies Claims;
