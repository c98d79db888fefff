import { codeStep, type Step, step } from '../../diagnose/advice/step.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import type { State } from '../../state.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { type Age, byAge, hindranceOf } from '../parts/ages.ts';
import { conditionOf, culpritsOf, holdersKey, whoHas } from '../parts/culprits.ts';
import { readCode } from '../parts/remedies.ts';
import { continueStep, endStep, findProcessStep, processStep } from '../parts/steps.ts';
import { isStuck, Newcomers, stays } from '../parts/trend.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

/** In CLOSE_WAIT the other side has sent everything: that is a separate finding. */
const states: readonly State[] = ['ESTABLISHED', 'FIN_WAIT2'];
const senderStates: readonly State[] = ['ESTABLISHED', 'CLOSE_WAIT', 'FIN_WAIT1', 'LAST_ACK', 'CLOSING'];

/** A process that does not read: its receive buffer is full, and the other side cannot send. The sender finds the same as `unanswered`. */
export const unread: FindingKind = {
  name: 'unread',
  title: 'a process does not read what the other side sends',
  find(facts) {
    const found = facts.connections.filter((socket) => isUnread(socket, facts));
    const keyOf = (socket: Socket) => (socket.isFull ? holdersKey(socket, facts) : '');
    const newcomers = new Newcomers(facts, { states, ageOf: unreadFor, keyOf });
    return [...groupBy(found, keyOf).values()].map((sockets) => findingOf(sockets, newcomers, facts));
  },
};

/** The time since data last arrived; probes of a zero window contain no data. */
function unreadFor({ isFull, movement }: Socket): Age | null {
  return isFull && movement !== null ? { ms: movement.lastDataReceivedMs, precision: 'exact' } : null;
}

// Without an inode it waits in an accept queue, which is a separate finding.
function isUnread(socket: Socket, facts: Facts): boolean {
  if (!socket.isFull || socket.inode === 0 || !states.includes(socket.state)) return false;
  if ((unreadFor(socket)?.ms ?? 0) < facts.thresholds.stalledAge || !stays(socket, facts)) return false;
  // If the other end is on this machine too, it is found there, with this process at fault.
  const other = facts.otherEnd(socket);
  return other === undefined || !facts.isChosen(other) || !isHeldUp(other, facts);
}

function isHeldUp(socket: Socket, facts: Facts): boolean {
  return hindranceOf(socket) === 'not read' && isStuck(socket, senderStates, facts);
}

function findingOf(group: readonly Socket[], newcomers: Newcomers, facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, unreadFor);
  const bytes = sockets.reduce((total, { receiveQueue }) => total + receiveQueue, 0);
  const waits = heldUpBy(sockets, facts);
  return {
    // A proxy reads no faster than the client behind it.
    severity: waits === undefined ? 'wrong' : 'note',
    weight: 37 + Math.min(sockets.length, 1000) / 25,
    what: aged(
      `${many(sockets.length, 'connection')} (${endsOf(sockets, facts)}) with a full receive buffer, ${many(bytes, 'byte')} not read`,
    ),
    fault: {
      side: waits === undefined ? 'this side' : 'the other side',
      processes: waits === undefined ? culpritsOf(sockets, facts) : [],
      because: because(sockets, waits, facts),
    },
    since,
    trend: newcomers.trendOf(sockets[0])?.text ?? null,
    cost: 'the window is zero, and the other side cannot send: it blocks or keeps the rest in memory, and no timeout of the kernel ends that',
    steps: stepsFor(sockets, waits, facts),
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: { bytes },
  };
}

/** A connection of the same process whose other side does not read: the process may pass data on to it. */
function heldUpBy([first]: readonly Socket[], facts: Facts): Socket | undefined {
  if (first === undefined) return undefined;
  const key = holdersKey(first, facts);
  return facts.connections.find(
    (socket) => socket.inode !== 0 && isHeldUp(socket, facts) && holdersKey(socket, facts) === key,
  );
}

function because(sockets: readonly Socket[], waits: Socket | undefined, facts: Facts): string {
  const who = whoHas(sockets, facts);
  if (waits !== undefined)
    return `${who} does not read these, and ${waits.remote.address} does not read what it sends: it may pass the data on`;
  const condition = conditionOf(sockets, facts);
  return condition === 'runs'
    ? `${who} does not read what the other side sends: it hangs, waits for something else, or has forgotten them`
    : `${who} is ${condition}, and does not read what the other side sends`;
}

function stepsFor(sockets: readonly Socket[], waits: Socket | undefined, facts: Facts): Step[] {
  if (waits !== undefined) return [step(`have ${waits.remote.address} read what it was sent, or close`)];
  const culprits = culpritsOf(sockets, facts);
  const [first] = culprits;
  if (first === undefined) return [findProcessStep(facts)];
  if (conditionOf(sockets, facts) === 'stopped') return [continueStep(culprits, facts)];
  return [
    processStep('see what it waits for', culprits, ['cat', `/proc/${first.pid}/wchan`], facts),
    codeStep('fix it: read what arrives, or close the connection', readCode),
    endStep('until it is fixed, end it, which closes its connections', culprits, facts),
  ];
}
