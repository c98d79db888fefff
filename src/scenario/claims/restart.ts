import type { Claims } from './claim.ts';

/** The restart experiment. */
export const restart = {
  C01: {
    claim:
      'Kill the server (Ctrl-C) while a client is connected, start it again at once: bind: Address already in use.',
  },
  C02: {
    claim:
      'In between, netstat shows the client in CLOSE_WAIT with its pid, the server side in FIN_WAIT2 with no pid.',
    parts: {
      client: 'the client in CLOSE_WAIT with its pid',
      server: 'the server side in FIN_WAIT2 with no pid',
    },
  },
  C03: {
    claim: 'Then kill the client too: the server side is in TIME_WAIT, and bind still fails.',
    parts: { TIME_WAIT: 'the server side is in TIME_WAIT', bind: 'bind still fails' },
  },
  C04: { claim: 'On Linux the server can be started again after about half a minute.' },
  C05: { claim: 'A restarted server has to wait 1 to 4 minutes.' },
  C06: {
    claim: 'The server that sets SO_REUSEADDR before bind() starts again at once over TIME_WAIT.',
    cases: { 'new only': 'even if the old server had not set it' },
  },
  C07: {
    claim: "Kill the client first instead: TIME_WAIT is at the client's port and the server restarts freely.",
    parts: { TIME_WAIT: "TIME_WAIT is at the client's port", restart: 'the server restarts freely' },
  },
  C08: {
    claim: 'A client restarted at once on the same local port cannot use it.',
    cases: { reuse: 'even if both have set SO_REUSEADDR' },
  },
  C09: {
    claim:
      "Even with SO_REUSEADDR the same socket pair cannot be re-created: connecting from the reused server port back to the old peer's port fails with Address already in use.",
    cases: {
      'flag missing': 'bind fails like this if one of the two lacks SO_REUSEADDR',
      'no timestamps': 'without timestamps the pair cannot be re-created, but connect says otherwise',
    },
  },
  C10: {
    claim: 'SO_REUSEADDR may let the restarted server receive unexpected old data.',
    cases: { protected: 'even with timestamps on and TIME_WAIT in place' },
  },
} as const satisfies Claims;
