import { nameOf } from '../../diagnose/advice/stop.ts';
import { type Condition, userName } from '../../diagnose/process-facts.ts';
import { groupBy } from '../../group.ts';
import { publisherIn } from '../../observe/publisher.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Culprit, Fault } from '../finding.ts';

const shownDescriptors = 8;
const shownProcesses = 5;

/** The processes of these sockets, each with its descriptors for them. */
export function culpritsOf(sockets: readonly Socket[], facts: Facts): readonly Culprit[] {
  const known = facts.culprits.get(sockets);
  if (known !== undefined) return known;
  const found = searchCulprits(sockets, facts);
  facts.culprits.set(sockets, found);
  return found;
}

function searchCulprits(sockets: readonly Socket[], facts: Facts): readonly Culprit[] {
  const holders = sockets.flatMap((socket) => facts.holdersOf(socket));
  return [...groupBy(holders, ({ pid }) => pid)].slice(0, shownProcesses).map(([pid, held]) => {
    const { command, user } = facts.process(pid) ?? { command: held[0].name, user: null };
    const descriptors = held.flatMap(({ fd }) => fd ?? []).sort((a, b) => a - b);
    return { pid, command, user, descriptors: descriptors.slice(0, shownDescriptors) };
  });
}

/** The condition of the first process that holds the sockets; `runs` if it cannot be seen. */
export function conditionOf([first]: readonly Socket[], facts: Facts): Condition {
  return facts.processesOf(first ?? { inode: null })[0]?.condition ?? 'runs';
}

/** Sockets grouped by the processes that hold them. */
export function byHolders(sockets: readonly Socket[], facts: Facts): Socket[][] {
  return [...groupBy(sockets, (socket) => holdersKey(socket, facts)).values()];
}

// Sockets with a hidden process are grouped by user.
export function holdersKey(socket: Socket, facts: Facts): string {
  const pids = facts.holdersOf(socket).map(({ pid }) => pid);
  return pids.length === 0 ? `user ${socket.uid}` : pids.join();
}

/** The fault of the processes that have these sockets; `because` gets their names. */
export function faultHere(sockets: readonly Socket[], facts: Facts, because: (who: string) => string): Fault {
  const processes = culpritsOf(sockets, facts);
  return { side: 'this side', processes, because: because(whoHas(sockets, facts)) };
}

/** `pid 12 (node server.js)`, `pids 12, 13 (nginx: worker process)`, `a process of user redis that you may not inspect`. */
export function whoHas(sockets: readonly Socket[], facts: Facts): string {
  const culprits = culpritsOf(sockets, facts);
  return culprits.length === 0 ? unseenHolder(sockets, facts) : namesOf(culprits);
}

export function namesOf([first, ...others]: readonly Culprit[]): string {
  if (first === undefined) return 'no process';
  if (others.length === 0) return nameOf(first);
  return others.length === 1
    ? `${nameOf(first)} and ${others.map(nameOf).join()}`
    : `${nameOf(first)} and ${others.length} more`;
}

function unseenHolder([first]: readonly Socket[], facts: Facts): string {
  if (first?.inode === 0) return 'no process';
  const { uid } = first ?? { uid: null };
  const whose = uid === null ? '' : ` of user ${userName(uid, facts.now.processes.table.passwd)}`;
  return `a process${whose} that you may not inspect`;
}

/** Whether a container engine holds the listener, for traffic that its NAT rule does not reach, or to reserve the port. */
export function keepsThePort(listener: Socket, facts: Facts): boolean {
  return facts.holdersOf(listener).some(({ pid, name }) => {
    return name === 'kube-proxy' || publisherIn(facts.process(pid)?.command ?? `${name} `) !== null;
  });
}
