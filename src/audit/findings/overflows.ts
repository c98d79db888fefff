import { formatEndpoint } from '../../address.ts';
import { step } from '../../diagnose/advice/step.ts';
import { formatSpan } from '../../time.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf } from '../parts/culprits.ts';
import { formatRate } from '../parts/trend.ts';

/** What the kernel counts when a queue of a listener is full: dropped SYNs, and SYN cookies. */
export const overflows: FindingKind = {
  name: 'overflows',
  title: 'accept queues overflow',
  find(facts) {
    if (facts.scope === 'part') return [];
    return [...acceptQueues(facts), ...cookies(facts)];
  },
};

function acceptQueues(facts: Facts): Finding[] {
  const total = facts.now.machine.counters.get('ListenOverflows') ?? 0;
  const moved = movedBy('ListenOverflows', facts);
  if (total === 0) return [];
  const [fullest] = [...facts.listeners].sort(
    (a, b) => b.receiveQueue / (b.backlog + 1) - a.receiveQueue / (a.backlog + 1),
  );
  const waits = fullest !== undefined && fullest.receiveQueue > 0;
  const now = moved !== null && moved > 0;
  return [
    {
      severity: now ? 'wrong' : 'note',
      weight: now ? 88 : 3,
      what: now
        ? `an accept queue overflowed ${moved} times within ${formatSpan(facts.spanMs)}`
        : `accept queues have overflowed ${total} times since the network exists${moved === null ? '' : `, and not within ${formatSpan(facts.spanMs)}`}`,
      fault: {
        side: now ? 'this side' : 'unknown',
        processes: now && waits ? culpritsOf([fullest], facts) : [],
        because: waits
          ? `${formatEndpoint(fullest.local)} has the longest queue now: ${fullest.receiveQueue} of ${fullest.backlog + 1}`
          : 'the kernel counts it for all listeners together, and no queue is long now',
      },
      since: null,
      trend: now ? `${formatRate(moved / (facts.spanMs / 1000))}, ${total} in all` : null,
      cost: now ? 'each is a client whose connection is delayed by seconds, or fails' : null,
      steps: now
        ? [step('accept faster, or give listen() a greater backlog and raise net.core.somaxconn')]
        : [step('see whether it still happens', facts.shell.tcpclose('own', 'audit', '--for', '60s'))],
      count: now ? moved : total,
      sockets: [],
      figures: { total, moved },
    },
  ];
}

function cookies(facts: Facts): Finding[] {
  const moved = movedBy('SyncookiesSent', facts) ?? 0;
  const dropped = movedBy('TCPReqQFullDrop', facts) ?? 0;
  if (moved + dropped === 0) return [];
  return [
    {
      severity: 'wrong',
      weight: dropped > 0 ? 86 : 60,
      what: `a queue of half-open connections was full: ${moved} SYN cookies sent and ${dropped} SYNs dropped within ${formatSpan(facts.spanMs)}`,
      fault: {
        side: 'unknown',
        processes: [],
        because: 'more clients begin a handshake than finish it: a burst beyond the backlog, or a SYN flood',
      },
      since: null,
      trend: formatRate((moved + dropped) / (facts.spanMs / 1000)),
      cost: 'connections made by cookies lose window scaling and SACK if the client sends no timestamps; dropped ones fail',
      steps: [
        step('raise the backlog in listen(), net.core.somaxconn and net.ipv4.tcp_max_syn_backlog'),
        step('see who sends SYNs', facts.shell.command('root', ['ss', '-tan', 'state', 'syn-recv'])),
      ],
      count: moved + dropped,
      sockets: [],
      figures: { cookies: moved, dropped },
    },
  ];
}

/** null after one look alone. */
function movedBy(name: string, { now, before }: Facts): number | null {
  if (before === null) return null;
  return (now.machine.counters.get(name) ?? 0) - (before.machine.counters.get(name) ?? 0);
}
