import { step } from '../../diagnose/advice/step.ts';
import { nameOf } from '../../diagnose/advice/stop.ts';
import { groupBy } from '../../group.ts';
import { formatSpan } from '../../time.ts';
import { settingOf } from '../facts/machine.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Fault, Finding, FindingKind } from '../finding.ts';
import { agesOf, formatAges, repeatingFor } from '../parts/ages.ts';
import { culpritsOf } from '../parts/culprits.ts';
import { stays, trendOf } from '../parts/trend.ts';
import { endsOf, many, pairsOf } from '../parts/words.ts';

const states = ['ESTABLISHED', 'CLOSE_WAIT'];

/** Data that nobody acknowledges, with a growing timer; and data that a window of zero holds back. */
export const unanswered: FindingKind = {
  name: 'unanswered',
  title: 'data is not acknowledged, or not read by the other side',
  find(facts) {
    const found = facts.connections.filter((socket) => isStalled(socket, facts));
    const groups = groupBy(found, ({ remote, timer }) => `${remote.address} ${timer?.kind}`);
    return [...groups.values()].map((sockets) => findingOf(sockets, facts));
  },
};

function isStalled(socket: Socket, facts: Facts): boolean {
  if (!states.includes(socket.state) || (socket.timer?.retransmits ?? 0) === 0) return false;
  return stays(socket, facts) && (repeatingFor(socket)?.ms ?? 0) >= facts.thresholds.stalledAge;
}

function findingOf(group: readonly Socket[], facts: Facts): Finding {
  const sockets = [...group].sort((a, b) => (repeatingFor(b)?.ms ?? 0) - (repeatingFor(a)?.ms ?? 0));
  const [first] = sockets;
  const since = agesOf(sockets.map(repeatingFor));
  const bytes = sockets.reduce((total, { sendQueue }) => total + sendQueue, 0);
  const blocked = first?.timer?.kind === 'persist';
  return {
    severity: 'wrong',
    weight: 35 + Math.min(sockets.length, 1000) / 25,
    what: `${many(sockets.length, 'connection')} (${endsOf(sockets, facts)}) with ${bytes} bytes that ${blocked ? 'the other side does not read' : 'nothing acknowledges'}, ${since === null ? '' : formatAges(since, sockets.length)}`,
    fault: faultOf(sockets, blocked, facts),
    since,
    trend: trendOf(sockets, facts)?.text ?? null,
    cost: blocked
      ? `${bytes} bytes wait, and the sender blocks; the kernel goes on asking, and never gives up`
      : endsIn(first, facts),
    steps: blocked
      ? [step('have the other side read; or give the sender a timeout for sending')]
      : [
          step(
            `find out whether ${first?.remote.address} is still there: ping, its firewall, a NAT in between`,
          ),
          step(
            'have connections fail sooner: TCP_USER_TIMEOUT on the socket, or net.ipv4.tcp_retries2 for all',
          ),
        ],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: { bytes, retransmits: first?.timer?.retransmits ?? 0 },
  };
}

function faultOf(sockets: readonly Socket[], blocked: boolean, facts: Facts): Fault {
  const [first] = sockets;
  const others = sockets.flatMap((socket) => facts.otherEnd(socket) ?? []);
  const processes = culpritsOf(others, facts);
  const [culprit] = processes;
  if (blocked) {
    const who = culprit === undefined ? `the process at ${first?.remote.address}` : nameOf(culprit);
    const stopped = culprit === undefined ? undefined : facts.process(culprit.pid)?.condition;
    const how = stopped === undefined || stopped === 'runs' ? 'does not read' : `is ${stopped}`;
    return {
      side: 'the other side',
      processes,
      because: `${who} ${how}: its receive buffer is full, and its window zero`,
    };
  }
  return {
    side: 'the network',
    processes: [],
    because: `nothing from ${first?.remote.address} acknowledges it, after ${first?.timer?.retransmits} retransmissions: the host is gone, or something in between drops it`,
  };
}

/** tcp_retries2: 924.6 s for the shortest timeout, and longer for others (ip-sysctl). */
function endsIn(socket: Socket | undefined, facts: Facts): string {
  const retries = settingOf(facts.now.machine, 'net.ipv4.tcp_retries2') ?? 15;
  const firstMs = 200;
  const wholeMs = Array.from({ length: retries + 1 }, (_, i) => Math.min(firstMs * 2 ** i, 120_000)).reduce(
    (a, b) => a + b,
    0,
  );
  const leftMs = Math.max(0, wholeMs - ((socket === undefined ? null : repeatingFor(socket))?.ms ?? 0));
  return `the process learns of it (ETIMEDOUT) in about ${formatSpan(leftMs)} (tcp_retries2 = ${retries})`;
}
