/** When the kernel frees a port by itself, and what may delay that. */
import { type Endpoint, formatEndpoint } from '../address.ts';
import { timeWaitMs } from '../state.ts';
import { formatSpan } from '../time.ts';
import { nameOf } from './advice/stop.ts';
import type { Diagnosis, Holder } from './diagnosis.ts';
import type { ProcessFacts } from './process-facts.ts';

type Timed = Pick<Holder, 'state' | 'leftMs'>;

/** Milliseconds until the last timer ends if nothing else happens; null if one of the sockets has none. */
export function freeIn(meeting: readonly Timed[]): number | null {
  return longest(meeting.map(({ leftMs }) => leftMs));
}

/** The same if each other side that can still close does so at the last moment: TIME_WAIT follows (tcp_timewait_state_process()). */
export function freeAtLatest(meeting: readonly Timed[]): number | null {
  return longest(
    meeting.map((holder) =>
      holder.leftMs === null ? null : holder.leftMs + (maySeeClose(holder) ? timeWaitMs : 0),
    ),
  );
}

function longest(left: readonly (number | null)[]): number | null {
  if (left.length === 0 || left.includes(null)) return null;
  return Math.max(...left.map((ms) => ms ?? 0));
}

/** Whether a close can still arrive: at a FIN_WAIT2 without a process, or at what is left of MPTCP. */
function maySeeClose({ state, leftMs }: Timed): boolean {
  return leftMs !== null && state !== 'TIME_WAIT';
}

/** The sentence about when the port is free again. */
export function whenFreed(diagnosis: Diagnosis): string {
  const { freeInMs, holders } = diagnosis;
  const meeting = holders.filter(({ meets }) => meets);
  if (freeInMs === null) {
    const without = meeting.filter(({ leftMs }) => leftMs === null);
    const isLeft =
      without.length > 0 && without.every(({ owner, waitingFor }) => owner === 'none' && waitingFor === null);
    return isLeft ? untilAnswered : 'It will not free itself.';
  }
  const open = meeting.filter(maySeeClose);
  const count = open.reduce((total, holder) => total + holder.count, 0);
  if (count === 0) return `It will be free in ${formatSpan(freeInMs)}.`;
  const who = otherSide(open, diagnosis);
  const again = `TIME_WAIT holds the port for another ${formatSpan(timeWaitMs)}`;
  return count === 1
    ? `It will be free in ${formatSpan(freeInMs)} if ${who} does not close before; if it closes, ${again}.`
    : `It will be free in ${formatSpan(freeInMs)} if none of the ${count} other sides (such as ${who.replace(/,$/, '')}) closes before; if one closes, ${again}.`;
}

const untilAnswered =
  'No process has it: the kernel frees it when the other side answers, or when it gives up (tcp_orphan_retries, tcp_fin_timeout).';

/** The program at the other end of the first of them, if it is on this machine and visible; otherwise its address. */
function otherSide([first]: readonly Holder[], diagnosis: Diagnosis): string {
  const [remote] = first?.remotes ?? [];
  if (remote === undefined) return 'the other side';
  const client = clientAt(remote, diagnosis);
  return client === undefined
    ? `the other side (${formatEndpoint(remote)})`
    : `the client, ${nameOf(client)},`;
}

function clientAt(end: Endpoint, { port, sockets, clients }: Diagnosis): ProcessFacts | undefined {
  const pids = sockets
    .filter(({ local, remote }) => remote.port === port && formatEndpoint(local) === formatEndpoint(end))
    .flatMap(({ processes }) => processes.map(({ pid }) => pid));
  return clients.flatMap(({ processes }) => processes).find(({ pid }) => pids.includes(pid));
}

/** The client that whenFreed() names, if no other has a connection to the port. */
export function theOnlyClient(diagnosis: Diagnosis): ProcessFacts | undefined {
  const { freeInMs, holders, clients } = diagnosis;
  const [holder] = holders.filter((holder) => holder.meets && maySeeClose(holder));
  const [remote] = holder?.remotes ?? [];
  const isOne = clients.length === 1 && clients[0]?.count === 1;
  return isOne && freeInMs !== null && remote !== undefined ? clientAt(remote, diagnosis) : undefined;
}
