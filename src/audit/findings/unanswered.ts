import { step } from '../../diagnose/advice/step.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import { shortestTimeoutMs } from '../../native/tcp-info.ts';
import type { State } from '../../state.ts';
import { formatSpan } from '../../time.ts';
import { settingOf } from '../facts/machine.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { byAge, type Hindrance, hinderedFor, hindranceOf } from '../parts/ages.ts';
import { givesUpInMs, hindranceFault, hindranceSteps } from '../parts/hindrance.ts';
import { isStuck, Newcomers } from '../parts/trend.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

const states: readonly State[] = ['ESTABLISHED', 'CLOSE_WAIT'];

/** Unacknowledged data with a growing timer, and data that a zero window holds back. */
export const unanswered: FindingKind = {
  name: 'unanswered',
  title: 'data is not acknowledged, or not read by the other side',
  find(facts) {
    const found = facts.connections.filter((socket) => isStuck(socket, states, facts));
    const keyOf = (socket: Socket) => `${socket.remote.address} ${hindranceOf(socket)}`;
    const newcomers = new Newcomers(facts, { states, ageOf: hinderedFor, keyOf });
    const groups = groupBy(found, keyOf);
    return [...groups.values()].map((sockets) => findingOf(sockets, newcomers, facts));
  },
};

const whatHappens: Readonly<Record<Hindrance, string>> = {
  lost: 'nothing acknowledges',
  'not read': 'the other side does not read',
  'not sent': 'never left this machine',
};

function findingOf(group: readonly Socket[], newcomers: Newcomers, facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, hinderedFor);
  const [first] = sockets;
  const bytes = sockets.reduce((total, { sendQueue }) => total + sendQueue, 0);
  const hindrance = (first && hindranceOf(first)) ?? 'lost';
  return {
    severity: 'wrong',
    weight: 35 + Math.min(sockets.length, 1000) / 25,
    what: aged(
      `${many(sockets.length, 'connection')} (${endsOf(sockets, facts)}) with ${many(bytes, 'byte')} that ${whatHappens[hindrance]}`,
    ),
    fault: hindranceFault(sockets, hindrance, facts),
    since,
    trend: newcomers.trendOf(first)?.text ?? null,
    cost:
      hindrance === 'not read'
        ? 'the sender blocks, or keeps the bytes in memory; the kernel keeps probing, and never gives up'
        : endsIn(first, facts),
    steps: [
      ...hindranceSteps(sockets, hindrance, facts),
      ...(hindrance === 'not read'
        ? [step('give the sender a timeout')]
        : [
            step(
              'have connections fail sooner: TCP_USER_TIMEOUT on the socket, or net.ipv4.tcp_retries2 for all',
            ),
          ]),
    ],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: { bytes, retransmits: first?.timer?.retransmits ?? 0 },
  };
}

/** tcp_retries2: 924.6 s for the shortest timeout, and longer for others (ip-sysctl). */
function endsIn(socket: Socket | undefined, facts: Facts): string {
  const retries = settingOf(facts.now.machine, 'net.ipv4.tcp_retries2') ?? 15;
  const leftMs = givesUpInMs(socket, shortestTimeoutMs, retries);
  return `the process learns of it (ETIMEDOUT) in about ${formatSpan(leftMs)} (tcp_retries2 = ${retries})`;
}
