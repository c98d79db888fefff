/** Listeners on which no process waits, found before a client is stuck in their queue. */
import { formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import { cannotAccept } from '../../diagnose/situation/can-accept.ts';
import { restLookMs, restOf } from '../../diagnose/situation/rest.ts';
import { sleep } from '../../time.ts';
import type { AuditedProcess } from '../facts/processes.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { faultHere, keepsThePort } from './culprits.ts';
import { continueStep, inheritedSteps } from './steps.ts';

interface Unattended {
  readonly listener: Socket;
  readonly processes: readonly AuditedProcess[];
  /** The processes that are neither stopped nor in a debugger. */
  readonly awake: readonly AuditedProcess[];
  /** What those processes wait for; the same at two looks if nothing wakes them. null if it may be a connection. */
  readonly rest: string | null;
  /** Whether no process can use the listener, whatever it waits for. */
  readonly cannotAccept: boolean;
}

/** Looks twice, unless the first look shows that a process waits for connections. */
export async function unattendedIn(listeners: readonly Socket[], facts: Facts): Promise<Finding[]> {
  if (facts.place.procNet === undefined) return [];
  const candidates = listeners.flatMap((listener) => candidateOf(listener, facts) ?? []);
  if (candidates.length === 0) return [];
  const rested = await restedOf(candidates, facts);
  return rested.flatMap((candidate) => findingOf(candidate, facts) ?? []);
}

function candidateOf(listener: Socket, facts: Facts): Unattended | null {
  const processes = facts.processesOf(listener);
  const { ownUid } = facts.now.processes.table;
  // Processes of other users may hold it as well, but only root sees those.
  const isSeen = processes.length > 0 && (ownUid === 0 || listener.uid === ownUid);
  if (!isSeen || keepsThePort(listener, facts)) return null;
  const awake = processes.filter(({ condition }) => condition !== 'stopped' && condition !== 'in a debugger');
  if (awake.some(({ condition }) => condition !== 'runs')) return null;
  const rest = awake.length === 0 ? '' : restOf({ inode: listener.inode, processes: awake });
  const isUseless = processes.every(({ pid }) => cannotAccept(pid));
  return rest === null && !isUseless ? null : { listener, processes, awake, rest, cannotAccept: isUseless };
}

/** The listeners whose processes cannot accept, or were not woken: since the first of two looks, or within half a second from now. */
async function restedOf(candidates: readonly Unattended[], facts: Facts): Promise<readonly Unattended[]> {
  if (candidates.every(({ cannotAccept, awake }) => cannotAccept || awake.length === 0)) return candidates;
  const before = facts.before?.rests;
  const isRead = before !== undefined && performance.now() - before.atMs >= restLookMs;
  if (!isRead) await sleep(restLookMs, facts.signal);
  const restThen = (inode: number, pid: number) =>
    isRead ? before.of(inode, pid) : restOf({ inode, processes: [{ pid }] });
  return candidates.filter(
    ({ listener, awake, rest, cannotAccept }) =>
      cannotAccept || awake.map(({ pid }) => restThen(listener.inode ?? 0, pid)).join('\n') === rest,
  );
}

function findingOf(unattended: Unattended, facts: Facts): Finding | null {
  const { listener, processes } = unattended;
  const how = howOf(unattended, facts);
  if (how === null) return null;
  return {
    severity: how === 'stopped' || how === 'inherited' ? 'wrong' : 'note',
    weight: 54,
    what: `no process waits for connections to ${formatEndpoint(listener.local)}${how === 'asleep' ? ' now' : ''}`,
    fault: faultHere([listener], facts, (who) => becauseOf(how, who)),
    since: null,
    trend: null,
    cost: 'clients would connect, and get no answer',
    steps: stepsFor(how, processes, facts),
    count: 1,
    sockets: [],
    figures: { limit: listener.backlog, length: 0 },
  };
}

/** `inherited`: its program does not contain accept(). `asleep`: it waits for something else now. */
type How = 'stopped' | 'in a debugger' | 'inherited' | 'asleep';

function howOf(
  { listener: { local }, processes, awake, cannotAccept }: Unattended,
  facts: Facts,
): How | null {
  if (awake.length === 0)
    return processes.some(({ condition }) => condition === 'stopped') ? 'stopped' : 'in a debugger';
  if (cannotAccept) return 'inherited';
  // A server that handles one connection at a time comes back to it.
  const serves = facts.now.table.connections.some(
    (socket) => socket.local.port === local.port && socket.inode !== 0 && facts.isServer(socket),
  );
  return serves ? null : 'asleep';
}

function becauseOf(how: How, who: string): string {
  switch (how) {
    case 'stopped':
      return `${who} is stopped (SIGSTOP or Ctrl-Z)`;
    case 'in a debugger':
      return `${who} is stopped by a debugger`;
    case 'inherited':
      return `${who} has inherited the listener, and its program cannot accept()`;
    case 'asleep':
      return `${who} has the listener open, and waits for something else: it has inherited it, or does not accept yet`;
  }
}

function stepsFor(how: How, processes: readonly AuditedProcess[], facts: Facts): Step[] {
  switch (how) {
    case 'stopped':
      return [continueStep(processes, facts)];
    case 'in a debugger':
      return [step('continue it in the debugger')];
    case 'inherited':
    case 'asleep':
      return inheritedSteps(processes, facts);
  }
}
