import { codeStep } from '../../diagnose/advice/step.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { type Age, byAge } from '../parts/ages.ts';
import { byHolders, culpritsOf, whoHas } from '../parts/culprits.ts';
import { keepAliveCode } from '../parts/remedies.ts';
import { dropStep } from '../parts/steps.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

/** ESTABLISHED that may never end: no data moves, and no keep-alive checks that the other side is still there. */
export const idle: FindingKind = {
  name: 'idle',
  title: 'connections without keep-alive may never end',
  find(facts) {
    const found = facts.connections.filter((socket) => isIdle(socket, facts));
    return byHolders(found, facts).flatMap((owned) =>
      [...groupBy(owned, ({ remote }) => remote.address)].map(([, sockets]) => findingOf(sockets, facts)),
    );
  },
};

function idleFor({ movement }: Socket): Age | null {
  if (movement === null) return null;
  const { lastAckReceivedMs, lastDataReceivedMs, lastDataSentMs } = movement;
  return { ms: Math.min(lastAckReceivedMs, lastDataReceivedMs, lastDataSentMs), precision: 'exact' };
}

function isIdle(socket: Socket, facts: Facts): boolean {
  if (socket.state !== 'ESTABLISHED' || socket.timer !== null || socket.inode === 0) return false;
  if ((idleFor(socket)?.ms ?? 0) < facts.thresholds.idleAge) return false;
  // An end on this machine cannot vanish without a FIN or a RST.
  return facts.otherEnd(socket) === undefined;
}

function findingOf(group: readonly Socket[], facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, idleFor);
  return {
    severity: 'wrong',
    weight: 15 + Math.min(sockets.length, 1000) / 50,
    what: aged(
      `${many(sockets.length, 'connection')} without keep-alive (${endsOf(sockets, facts)}) on which nothing moves`,
    ),
    fault: {
      side: 'this side',
      processes: culpritsOf(sockets, facts),
      because: `${whoHas(sockets, facts)} has not set SO_KEEPALIVE, and has no timeout of its own: if the other side is gone, it never learns that`,
    },
    since,
    trend: null,
    cost: 'each may be dead, and stays until the process ends; a NAT on the way forgets it silently',
    steps: [
      codeStep('set keep-alive, or an idle timeout in the program', keepAliveCode),
      ...dropStep(sockets, facts),
    ],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: {},
  };
}
