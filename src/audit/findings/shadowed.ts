import { formatEndpoint, isLoopback, isWildcard } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import { stopSteps } from '../../diagnose/advice/stop.ts';
import { groupBy } from '../../group.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf, whoHas } from '../parts/culprits.ts';
import { relationOf } from '../parts/relation.ts';

/** Two programs on one port, separated by address family or by address: which one answers depends on the address that a client uses. */
export const shadowed: FindingKind = {
  name: 'shadowed',
  title: 'two programs listen on one port, by address or family',
  find(facts) {
    const ports = groupBy(facts.listeners, ({ local }) => local.port);
    return [...ports.values()].flatMap((listeners) =>
      pairsOf(listeners)
        .filter(([a, b]) => isShadow(a, b) && ['different', 'copies'].includes(relationOf(a, b, facts)))
        .slice(0, 1)
        .map(([a, b]) => findingOf(a, b, facts)),
    );
  },
};

function pairsOf(listeners: readonly Socket[]): [Socket, Socket][] {
  return listeners.flatMap((a, i) => listeners.slice(i + 1).map((b): [Socket, Socket] => [a, b]));
}

/** Whether both have all addresses, but of different families, or one of them only loopback. Other combinations are deliberate. */
function isShadow(a: Socket, b: Socket): boolean {
  if (a.local.address === b.local.address) return false;
  const wild = [a, b].filter(({ local }) => isWildcard(local.address)).length;
  const loopback = [a, b].filter(({ local }) => isLoopback(local.address)).length;
  if (wild === 2) return true;
  if (wild === 1) return loopback === 1;
  // 127.0.0.1 and ::1 are both called localhost.
  return loopback === 2 && a.family !== b.family;
}

function findingOf(a: Socket, b: Socket, facts: Facts): Finding {
  const port = a.local.port;
  return {
    severity: 'wrong',
    weight: 55,
    what: `two programs listen on port ${port}: ${formatEndpoint(a.local)} and ${formatEndpoint(b.local)}`,
    fault: {
      side: 'this side',
      processes: culpritsOf([a, b], facts),
      because: `${whoHas([a], facts)} has ${formatEndpoint(a.local)}, and ${whoHas([b], facts)} has ${formatEndpoint(b.local)}`,
    },
    since: null,
    trend: null,
    cost: `"localhost:${port}" reaches the one or the other, as the client resolves it: ::1 first, or 127.0.0.1`,
    steps: [
      step(
        'name the address of the one that you mean, such as 127.0.0.1 or [::1], or give one of them another port',
        facts.shell.tcpclose('own', 'why', String(port)),
      ),
      ...[a, b].flatMap((listener) => endSteps(listener, facts)),
    ],
    count: 2,
    sockets: [],
    figures: {},
  };
}

function endSteps(listener: Socket, facts: Facts): Step[] {
  const who = whoHas([listener], facts);
  return stopSteps(facts.processesOf(listener), listener.local.port, facts.shell).map((stop) => ({
    ...stop,
    text: `if ${who} is not wanted: ${stop.text}`,
  }));
}
