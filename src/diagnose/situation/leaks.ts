import { groupBy } from '../../group.ts';
import type { Row } from '../../observe/row.ts';
import { type Details, detailOf } from '../../observe/sock-diag/detail.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { type ProcessFacts, processesOf } from '../process-facts.ts';

/** Connections that the other side has closed, but a process of this machine has not. */
export interface Leak {
  readonly count: number;
  /** How many of them the process has not read to the end, because it hangs. It has read the others to the end, but not closed them. */
  readonly unread: number;
  /** `server`: the port is the local one; `client`: it is the remote one. */
  readonly side: 'server' | 'client';
  /** The first process that holds some of them; null if no process is visible. */
  readonly process: ProcessFacts | null;
  /** The longest and the shortest time since the other side closed; null if unknown. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** The other end of the first connection. */
  readonly remote: Row['remote'];
  /** The first few descriptors. */
  readonly descriptors: readonly number[];
}

/** A program that closes when it reads the end needs only milliseconds; one that is still answering sends data. */
export const stuckMs = 5000;
/** From this age on, it is certainly a leak: after tcp_fin_timeout, a Linux peer without a process has given up. */
export const leftMs = 60_000;
/** One or two may be deliberate: a half-close whose answer takes time. */
export const fewestLeaked = 3;

const shown = 3;

export function leaksIn({ port, sockets, holders, clients }: Diagnosis, details: Details): Leak[] {
  const facts = processesOf([...holders, ...clients]);
  const stuck = sockets.filter((socket) => isStuck(socket, details));
  const groups = groupBy(stuck, ({ local, processes }) => `${local.port === port} ${processes[0]?.pid}`);
  return [...groups.values()]
    .filter(({ length }) => length >= fewestLeaked)
    .map((members) => {
      const [first] = members;
      const ages = members.flatMap((row) => detailOf(details, row)?.quiet?.ackReceivedMs ?? []);
      return {
        count: members.length,
        unread: members.filter(({ receiveQueue }) => receiveQueue > 0).length,
        side: first.local.port === port ? ('server' as const) : ('client' as const),
        process: facts.get(first.processes[0]?.pid ?? 0) ?? null,
        oldestMs: ages.length === 0 ? null : Math.max(...ages),
        newestMs: ages.length === 0 ? null : Math.min(...ages),
        remote: first.remote,
        descriptors: members.flatMap(({ processes }) => processes[0]?.fd ?? []).slice(0, shown),
      };
    })
    .sort((a, b) => b.count - a.count);
}

// If ages are unknown, all count.
function isStuck(socket: Row, details: Details): boolean {
  if (socket.state !== 'CLOSE_WAIT' || socket.inode === 0) return false;
  const quiet = detailOf(details, socket)?.quiet;
  return quiet == null || Math.min(quiet.ackReceivedMs, quiet.dataSentMs) >= stuckMs;
}
