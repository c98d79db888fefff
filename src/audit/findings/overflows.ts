import { formatEndpoint } from '../../address.ts';
import { backlogCode } from '../../diagnose/advice/languages.ts';
import { codeStep, type Step, step } from '../../diagnose/advice/step.ts';
import { groupBy, largestFirst } from '../../group.ts';
import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import { type SettingName, settingOf } from '../facts/machine.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf } from '../parts/culprits.ts';
import { sysctlStep } from '../parts/steps.ts';
import { formatRate } from '../parts/trend.ts';
import { pairsOf } from '../parts/words.ts';

/** What the kernel counts when the queue of a listener is full: dropped SYNs, and SYN cookies. */
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
  const moved = facts.movedBy('ListenOverflows');
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
        : `accept queues have overflowed ${total} times since this namespace was created${moved === null ? '' : `, and not within ${formatSpan(facts.spanMs)}`}`,
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
        ? backlogSteps(waits ? fullest : undefined, facts)
        : [step('see whether it still happens', facts.shell.tcpclose('own', 'audit', '--for', '60s'))],
      count: now ? moved : total,
      sockets: [],
      figures: { total, moved },
    },
  ];
}

function cookies(facts: Facts): Finding[] {
  const moved = facts.movedBy('SyncookiesSent') ?? 0;
  const dropped = facts.movedBy('TCPReqQFullDrop') ?? 0;
  if (moved + dropped === 0) return [];
  const [fullest, halfOpen] = fullestOf(facts);
  return [
    {
      severity: 'wrong',
      weight: dropped > 0 ? 86 : 60,
      what: `a queue of half-open connections was full: ${moved} SYN cookies sent and ${dropped} SYNs dropped within ${formatSpan(facts.spanMs)}`,
      fault: {
        side: 'unknown',
        processes: fullest === undefined ? [] : culpritsOf([fullest], facts),
        because: `more clients begin a handshake than finish it: a burst beyond the backlog, or a SYN flood${fullest === undefined ? '' : `; ${formatEndpoint(fullest.local)} has ${many(halfOpen.length, 'half-open connection')}${mostlyFrom(halfOpen)}`}`,
      },
      since: null,
      trend: formatRate((moved + dropped) / (facts.spanMs / 1000)),
      cost: 'connections made by cookies lose window scaling and SACK if the client sends no timestamps; dropped ones fail',
      steps: [
        ...backlogSteps(fullest, facts),
        ...(dropped > 0 ? raise('net.ipv4.tcp_max_syn_backlog', facts) : []),
        step('see who sends SYNs', facts.shell.command('root', ['ss', '-tan', 'state', 'syn-recv'])),
      ],
      count: moved + dropped,
      sockets: pairsOf(halfOpen),
      figures: { cookies: moved, dropped },
    },
  ];
}

/** The backlog that code in each language requests. */
const greaterBacklog = 4096;

function backlogSteps(listener: Socket | undefined, facts: Facts): Step[] {
  const now = listener === undefined ? '' : `, now ${listener.backlog}`;
  return [
    codeStep(`accept faster, or give listen() a greater backlog${now}`, backlogCode),
    ...raise('net.core.somaxconn', facts),
  ];
}

/** The step that raises a limit; none if the limit is high enough. */
function raise(name: SettingName, facts: Facts): Step[] {
  const limit = settingOf(facts.now.machine, name);
  if (limit === null || limit >= greaterBacklog) return [];
  return [sysctlStep(`raise its limit, ${name}, which is ${limit}`, `${name}=${greaterBacklog}`, facts)];
}

/** The listener with the most half-open connections, and their number. */
function fullestOf(facts: Facts): [listener: Socket | undefined, halfOpen: readonly Socket[]] {
  const halfOpen = facts.connections.filter(({ state }) => state === 'SYN_RECV' || state === 'NEW_SYN_RECV');
  const [[port, most] = [0, []]] = largestFirst(groupBy(halfOpen, ({ local }) => local.port));
  return [facts.listeners.find(({ local }) => local.port === port), most];
}

function mostlyFrom(halfOpen: readonly Socket[]): string {
  const [[address, most] = ['', []]] = largestFirst(groupBy(halfOpen, ({ remote }) => remote.address));
  return most.length * 2 > halfOpen.length ? `, most from ${address}` : '';
}
