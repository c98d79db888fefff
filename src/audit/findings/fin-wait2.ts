import { isLoopback } from '../../address.ts';
import { codeStep, type Step, step } from '../../diagnose/advice/step.ts';
import { nameOf } from '../../diagnose/advice/stop.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Culprit, Fault, Finding, FindingKind } from '../finding.ts';
import { byAge, quietFor } from '../parts/ages.ts';
import { byHolders, culpritsOf, whoHas } from '../parts/culprits.ts';
import { closeCode } from '../parts/remedies.ts';
import { endStep } from '../parts/steps.ts';
import { Newcomers, stays } from '../parts/trend.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

/** FIN_WAIT2 with an owner: this side has ended its direction, but the other side never ends its own. No kernel timeout ends it. */
export const finWait2: FindingKind = {
  name: 'fin-wait2',
  title: 'the other side does not close connections that this side has closed',
  find(facts) {
    const waiting = facts.connections.filter((socket) => isWaiting(socket, facts));
    const keyOf = ({ remote }: Socket) => remote.address;
    const newcomers = new Newcomers(facts, { states: ['FIN_WAIT2'], ageOf: quietFor, keyOf });
    return byHolders(waiting, facts).flatMap((owned) =>
      [...groupBy(owned, keyOf).values()].map((sockets) => findingOf(sockets, newcomers, facts)),
    );
  },
};

function isWaiting(socket: Socket, facts: Facts): boolean {
  if (socket.state !== 'FIN_WAIT2' || socket.inode === null || socket.inode === 0) return false;
  const age = quietFor(socket);
  if (age === null || age.ms < facts.thresholds.finWait2Age || !stays(socket, facts)) return false;
  // The other side cannot send the rest: this side does not read, which is a separate finding.
  if (socket.isFull) return false;
  // If the other end is on this machine too, it is found as a CLOSE_WAIT, with the process at fault.
  const other = facts.otherEnd(socket);
  // In LAST_ACK, the other end has closed and its FIN is lost, which is a separate finding.
  if (other?.state === 'LAST_ACK' || other?.state === 'CLOSING') return false;
  return other === undefined || other.state !== 'CLOSE_WAIT' || other.inode === 0 || !facts.isChosen(other);
}

function findingOf(group: readonly Socket[], newcomers: Newcomers, facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, quietFor);
  const others = sockets.flatMap((socket) => facts.otherEnd(socket) ?? []);
  const culprits = culpritsOf(others, facts);
  const [culprit] = culprits;
  const own = culpritsOf(sockets, facts);
  return {
    severity: 'wrong',
    weight: 40 + Math.min(sockets.length, 1000) / 25,
    what: aged(
      `${many(sockets.length, 'connection')} in FIN_WAIT2 with a process (${endsOf(sockets, facts)})`,
    ),
    fault: faultOf(sockets, whoHas(sockets, facts), culprits),
    since,
    trend: newcomers.trendOf(sockets[0])?.text ?? null,
    cost: 'each holds a descriptor and memory, and no timeout of the kernel ends it while a process owns it',
    steps: [
      ...fixSteps(sockets, culprit),
      step(
        'here: close() after a timeout instead of shutdown() alone; the kernel then ends it in tcp_fin_timeout',
      ),
      ...(own.length === 0 ? [] : [endStep('to get rid of them now, end the owner', own, facts)]),
    ],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: {},
  };
}

function faultOf(sockets: readonly Socket[], who: string, culprits: readonly Culprit[]): Fault {
  const [culprit] = culprits;
  const address = sockets[0]?.remote.address ?? '';
  const half = `${who} has ended its direction, and the other side has acknowledged that`;
  if (culprit !== undefined) {
    const because = `${half}, but does not close: ${nameOf(culprit)} has the connection in CLOSE_WAIT`;
    return { side: 'the other side', processes: culprits, because };
  }
  if (isLoopback(address)) {
    const because = `${half}, but that end is not on this machine any more: its FIN or RST was lost`;
    return { side: 'the network', processes: [], because };
  }
  const because = `${half}, but does not close: the process at ${address} has the connection in CLOSE_WAIT, or the host is gone`;
  return { side: 'the other side', processes: [], because };
}

function fixSteps(sockets: readonly Socket[], culprit: Culprit | undefined): Step[] {
  const address = sockets[0]?.remote.address ?? '';
  if (culprit !== undefined) {
    return [codeStep(`fix ${nameOf(culprit)}: close() each connection when its other side ends`, closeCode)];
  }
  if (isLoopback(address)) return [];
  return [
    codeStep(`at ${address}, look for CLOSE_WAIT with "tcpclose audit", and have it close()`, closeCode),
  ];
}
