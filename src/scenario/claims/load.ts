import type { Claims } from './claim.ts';

/** Load. */
export const load = {
  C36: {
    claim:
      'A server that closes each short connection first collects TIME_WAITs, and of 2000 more concurrent connections some cannot connect.',
    parts: {
      collects: 'a server that closes each short connection first collects TIME_WAITs',
      'cannot connect': 'of 2000 more concurrent connections some cannot connect',
    },
    cases: {
      'many TIME_WAITs': 'it is the TIME_WAITs of the server that keep clients from connecting',
      'accept queue': 'it is the accept queue',
    },
  },
  C37: {
    claim: 'Linger 0 cures that (C36) at any concurrency; a non-zero linger does not.',
    parts: { 'linger 0': 'linger 0 cures it at any concurrency', 'non-zero': 'a non-zero linger does not' },
    cases: { client: 'where the side with the ephemeral ports closes first and runs out of them' },
  },
  C38: { claim: 'Linger 0 loses data.' },
  C39: { claim: '10,000 TIME_WAITs take about 1 MB.' },
  C40: {
    claim: "Many TIME_WAITs slow the kernel's lookups and its choice of ports.",
    parts: {
      lookups: 'its lookups',
      'choice of ports': 'its choice of ports, for a client that has them towards the same destination',
    },
  },
  C41: {
    claim:
      'One client against one server port runs out of 4-tuples; a second destination port or address gives more.',
    parts: {
      'runs out': 'one client against one server port runs out of 4-tuples',
      port: 'a second destination port gives more',
      address: 'a second destination address gives more',
    },
  },
  C42: {
    claim:
      'Running out of ports means running out of file descriptors, since a descriptor comes back only after TIME_WAIT.',
  },
  C43: {
    claim:
      'Above tcp_max_tw_buckets (default about 500,000) TIME_WAITs are destroyed at once and a warning is logged.',
    parts: {
      default: 'the default is about 500,000',
      destroyed: 'TIME_WAITs above it are destroyed at once',
      logged: 'a warning is logged',
    },
  },
} as const satisfies Claims;
