import type { Claims } from './claim.ts';

/** Old segments, and what protects against them. */
export const oldSegments = {
  C29: {
    claim:
      'A wandering duplicate of the previous incarnation is accepted by the new one and corrupts its data.',
  },
  C30: { claim: 'TIME_WAIT prevents a wandering duplicate from being accepted (C29).' },
  C31: { claim: 'Timestamps (PAWS) prevent a wandering duplicate from being accepted (C29).' },
  C32: {
    claim: 'tcp_tw_reuse and tcp_tw_recycle work only with tcp_timestamps on.',
    parts: { tcp_tw_reuse: 'tcp_tw_reuse does', tcp_tw_recycle: 'tcp_tw_recycle does' },
  },
  C33: {
    claim:
      'With tcp_tw_reuse a connection in TIME_WAIT can be replaced when the new ISN or timestamp is greater.',
    parts: {
      timestamp: 'when the new timestamp is greater',
      ISN: 'when the new ISN is greater, and there are no timestamps',
    },
    cases: {
      'value 0': 'not with the value 0',
      'value 1': 'with the value 1, after tcp_tw_reuse_delay',
      'value 2': 'with the value 2, on loopback',
      'value 2 elsewhere': 'with the value 2, on other addresses',
      'no delay': 'before tcp_tw_reuse_delay has passed',
      'bound port': 'from a bound port with SO_REUSEADDR, whatever tcp_tw_reuse says',
    },
  },
  C34: { claim: 'tcp_tw_recycle drops SYNs by per-host timestamps.' },
  C35: {
    claim:
      "A SYN that reaches a listener's TIME_WAIT with a higher sequence number or timestamp opens a new connection.",
    parts: {
      'higher ISN': 'with a higher sequence number, without timestamps',
      'newer timestamp': 'with a newer timestamp, even if its sequence number is lower',
    },
    cases: { 'lower ISN': 'with a lower sequence number and without timestamps it does not, at once' },
  },
} as const satisfies Claims;
