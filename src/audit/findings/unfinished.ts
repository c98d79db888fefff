import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import type { State } from '../../state.ts';
import { formatSpan } from '../../time.ts';
import { settingOf } from '../facts/machine.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { byAge, hinderedFor, hindranceOf } from '../parts/ages.ts';
import { givesUpInMs, hindranceFault, hindranceSteps } from '../parts/hindrance.ts';
import { dropStep } from '../parts/steps.ts';
import { isStuck, Newcomers } from '../parts/trend.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

/** States in which this side's FIN waits for its acknowledgment. */
const states: readonly State[] = ['FIN_WAIT1', 'LAST_ACK', 'CLOSING'];

/** FIN_WAIT1, LAST_ACK and CLOSING that stay: the other side is gone, the network loses everything, or the other side does not read. */
export const unfinished: FindingKind = {
  name: 'unfinished',
  title: 'the other side does not acknowledge the end of connections',
  find(facts) {
    const staying = facts.connections.filter((socket) => isStuck(socket, states, facts));
    const keyOf = (socket: Socket) => `${socket.state} ${socket.remote.address} ${hindranceOf(socket)}`;
    const newcomers = new Newcomers(facts, { states, ageOf: hinderedFor, keyOf });
    const groups = groupBy(staying, keyOf);
    return [...groups.values()].map((sockets) => findingOf(sockets, newcomers, facts));
  },
};

function findingOf(group: readonly Socket[], newcomers: Newcomers, facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, hinderedFor);
  const [first] = sockets;
  const hindrance = (first && hindranceOf(first)) ?? 'lost';
  const orphans = sockets.filter(({ inode }) => inode === 0).length;
  // The FIN counts as a byte.
  const bytes = sockets.reduce((total, { sendQueue }) => total + Math.max(0, sendQueue - 1), 0);
  return {
    severity: 'wrong',
    weight: 30 + Math.min(sockets.length, 1000) / 25,
    what: aged(
      `${many(sockets.length, 'connection')} in ${first?.state}${orphans === sockets.length ? ' without a process' : ''} (${endsOf(sockets, facts)})`,
    ),
    fault: hindranceFault(sockets, hindrance, facts),
    since,
    trend: newcomers.trendOf(first)?.text ?? null,
    cost: costOf(sockets, bytes, facts),
    steps: [...hindranceSteps(sockets, hindrance, facts), ...dropStep(sockets, facts)],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: { bytesUnacknowledged: bytes, withoutProcess: orphans },
  };
}

function costOf(sockets: readonly Socket[], bytes: number, facts: Facts): string {
  const [first] = sockets;
  if (first !== undefined && hindranceOf(first) === 'not read') {
    return `${many(bytes, 'byte')} ${bytes === 1 ? 'waits' : 'wait'} to be sent; an orphan is dropped after tcp_orphan_retries, one with a process never`;
  }
  const retries = settingOf(facts.now.machine, 'net.ipv4.tcp_orphan_retries') || 8;
  const { rtoMs = 0, backoff = 0 } = first?.movement ?? {};
  const leftMs = givesUpInMs(first, rtoMs / 2 ** backoff, retries);
  const lost = bytes === 0 ? '' : `${many(bytes, 'byte')} may be lost; `;
  return `${lost}without a process the kernel gives up in about ${formatSpan(leftMs)}`;
}
