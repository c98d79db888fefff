import { formatEndpoint } from '../address.ts';
import { many } from '../many.ts';
import { formatSpan } from '../time.ts';
import { nameOf } from './advice/stop.ts';
import type { Diagnosis, Holder } from './diagnosis.ts';
import type { Ended } from './ending/ending.ts';
import { theOnlyClient } from './free-in.ts';
import { isOnThisMachine, type Trouble } from './situation/situation.ts';
import type { Unheard } from './situation/unheard.ts';

/** Other facts worth knowing: leaks, queues, connections to others, UDP, missing privileges. One sentence each. */
export function noticesOf(
  diagnosis: Diagnosis,
  troubles: readonly Trouble['kind'][],
  unheard: readonly Unheard[],
): string[] {
  return [
    ...aboutUnheard(unheard),
    ...(troubles.includes('leaking') ? [] : aboutLeak(diagnosis)),
    ...(troubles.includes('overflowing') ? [] : aboutQueue(diagnosis)),
    ...aboutRemains(diagnosis),
    ...aboutRights(diagnosis),
    ...(troubles.includes('out of ports') ? [] : aboutClients(diagnosis, troubles)),
    ...aboutUdp(diagnosis),
  ];
}

/** The process that has the port now that its holders have ended, and what started it. */
export function aboutSuccessors({ holders, port }: Diagnosis, ended: Ended | null): string[] {
  if (ended === null || !ended.processes.some(({ result }) => result === 'ended')) return [];
  const asked = new Set([...ended.processes, ...ended.refused].map(({ pid }) => pid));
  const meeting = holders.filter(({ meets }) => meets).flatMap(({ processes }) => processes);
  const successor = meeting.find(({ pid }) => !asked.has(pid));
  if (successor === undefined) return aboutStarters(port, ended);
  const [starter] = successor.parents;
  const again = `${nameOf(successor)} has the port after the one that has ended`;
  return [
    starter === undefined || starter.pid === 1
      ? `${again}: that left it behind, or it was started since.`
      : `${again}. ${nameOf(starter)} is its parent, and may start the next: end that first.`,
  ];
}

function aboutStarters(port: number, { afterwards }: Ended): string[] {
  const [first, ...others] = afterwards?.starters ?? [];
  if (afterwards === null || first === undefined) return [];
  const who = others.length === 0 ? nameOf(first) : `${nameOf(first)} and ${others.length} more`;
  const [verb, it] = others.length === 0 ? ['runs', 'it'] : ['run', 'they'];
  return [
    `Nothing took the port again within ${formatSpan(afterwards.lookedMs)}. ${who} had started what has ended, and still ${verb}: ${it} may do so later. Look again with "tcpclose why ${port}".`,
  ];
}

function aboutUnheard(unheard: readonly Unheard[]): string[] {
  const whose = new Set(unheard.map(({ processes }) => [...new Set(processes.map(nameOf))].join(' and ')));
  return [...whose].map(
    (who) =>
      `A new connection does not wake ${who} now, which has the listener and waits for something else. So does a child that has inherited it from a server that has ended; clients would connect, and get no answer.`,
  );
}

function aboutLeak({ holders }: Diagnosis): string[] {
  if (!holders.some(({ kind }) => kind === 'listener')) return [];
  return holders.flatMap(({ state, owner, count, processes }) =>
    state === 'CLOSE_WAIT' && isOfProcess(owner) ? [leak(count, processes)] : [],
  );
}

function isOfProcess(owner: Holder['owner']): boolean {
  return owner === 'process' || owner === 'unseen';
}

function leak(count: number, processes: Holder['processes']): string {
  const [first] = processes;
  const who = first === undefined ? 'the process' : nameOf(first);
  const what = many(count, 'connection is', 'connections are');
  const its = count === 1 ? 'its peer has' : 'their peers have';
  return `${what} in CLOSE_WAIT: ${its} closed, and ${who} has not. If the number grows, it leaks them: it must close() each when the peer ends.`;
}

function aboutQueue({ holders }: Diagnosis): string[] {
  return holders
    .filter(({ kind, receiveQueue }) => kind === 'listener' && receiveQueue > 0)
    .map(({ receiveQueue, processes }) => {
      const [first] = processes;
      const who = first === undefined ? 'the listener' : nameOf(first);
      const what = many(receiveQueue, 'connection waits', 'connections wait');
      const why = first?.condition === 'stopped' ? 'it is stopped' : 'it hangs or is overloaded';
      return `${what} in the accept queue of ${who}: if that stays so, ${why}.`;
    });
}

const manyRemains = 1000;

function aboutRemains({ holders }: Diagnosis): string[] {
  if (!holders.some(({ kind }) => kind === 'listener')) return [];
  const count = holders
    .filter(({ state }) => state === 'TIME_WAIT')
    .reduce((total, holder) => total + holder.count, 0);
  if (count < manyRemains) return [];
  return [
    `${count} connections are in TIME_WAIT: that is harmless, each ends within 60 s, and the listener is not affected.`,
  ];
}

function aboutRights({ verdict, bind, settings }: Diagnosis): string[] {
  if (verdict !== 'held' || bind.withoutReuseAddress !== 'EACCES') return [];
  return [
    `Even if it were free, this user could not bind it: a port below ${settings.unprivilegedFrom ?? 1024} needs CAP_NET_BIND_SERVICE.`,
  ];
}

function aboutClients(diagnosis: Diagnosis, troubles: readonly Trouble['kind'][]): string[] {
  const { clients, port } = diagnosis;
  // Their leak is already reported, and so is the client whose close ends a FIN_WAIT2.
  const named = troubles.includes('leaking') || theOnlyClient(diagnosis) !== undefined;
  const others = clients.filter(({ state }) => state !== 'CLOSE_WAIT' || !named);
  return others.map((group) => {
    const { count, state, remotes, processes } = group;
    const [remote] = remotes;
    const [first] = processes;
    const to = remote === undefined ? `port ${port}` : formatEndpoint(remote);
    const who = first === undefined ? 'this machine' : nameOf(first);
    const what = `${who} has ${count === 1 ? 'a connection' : `${count} connections`} to ${to}${count > 1 ? ' and the like' : ''} (${state})`;
    if (state === 'CLOSE_WAIT' && isOfProcess(group.owner))
      return `${what}: the service there has closed, and the client has not. If the number grows, the client leaks them.`;
    return isOnThisMachine(group)
      ? `${what}: the clients' ends of connections to the port here, which do not hold it.`
      : `${what}: a service elsewhere, which does not hold the port here.`;
  });
}

function aboutUdp({ udp, port }: Diagnosis): string[] {
  const [first] = udp;
  if (first === undefined) return [];
  const { address, processes } = first;
  const [holder] = processes;
  const who = holder === undefined ? 'A process' : nameOf({ pid: holder.pid, command: holder.name });
  return [
    `${who} has a UDP socket on ${formatEndpoint({ address, port })}: ports of TCP and UDP are separate, so it does not block TCP.`,
  ];
}
