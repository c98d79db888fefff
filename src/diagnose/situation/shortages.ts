import { isLoopback } from '../../address.ts';
import { groupBy } from '../../group.ts';
import type { Place } from '../../observe/place.ts';
import { type Row, uniqueHolders } from '../../observe/row.ts';
import { readSysctl, reservedPorts } from '../../observe/sysctl.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { type ProcessFacts, processesOf } from '../process-facts.ts';

/** The ephemeral ports towards a destination run out: connect() then fails with EADDRNOTAVAIL. */
export interface Shortage {
  readonly remote: Row['remote'];
  /** The address of this machine. */
  readonly address: string;
  readonly used: number;
  /** How many of the used ones are in TIME_WAIT. */
  readonly inTimeWait: number;
  /** The number of ports in ip_local_port_range, without ip_local_reserved_ports. */
  readonly ports: number;
  /** The lower limit of ip_local_port_range. */
  readonly lowest: number;
  /** A process that has some of them open. */
  readonly process: ProcessFacts | null;
  /** How many that one has; the others are in TIME_WAIT, or belong to other processes. */
  readonly ofProcess: number;
  /** Whether tcp_tw_reuse lets the kernel reuse ports in TIME_WAIT for that destination after a second. */
  readonly reuses: boolean;
}

/** Whoever has most of them has made them. Nobody has what is in TIME_WAIT: somebody else may have made those. */
export function makerOf({ process, ofProcess, used }: Shortage): ProcessFacts | null {
  return ofProcess * 2 > used ? process : null;
}

/** If less than this share is left, new connections are about to fail. Before that, connect() searches longer and longer. */
const smallestRest = 0.05;

export async function shortagesIn(
  { port, sockets, clients, holders, settings }: Diagnosis,
  place: Place,
  signal?: AbortSignal,
): Promise<Shortage[]> {
  const { ephemeral, reservedList } = settings;
  const outgoing = sockets.filter(({ local, remote }) => remote.port === port && local.port !== port);
  if (ephemeral === null || outgoing.length === 0) return [];
  const [low, high] = ephemeral;
  const ports = high - low + 1 - reservedPorts(reservedList ?? '', low, high).size;
  // With fewer sockets there is no shortage, and nothing to read.
  if (outgoing.length < ports * (1 - smallestRest)) return [];
  const reuse = await readSysctl(place, 'net.ipv4.tcp_tw_reuse', signal);
  const facts = processesOf([...clients, ...holders]);
  const groups = groupBy(outgoing, ({ local, remote }) => `${local.address} ${remote.address}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    const inRange = members.filter(({ local }) => local.port >= low && local.port <= high);
    const used = new Set(inRange.map(({ local }) => local.port)).size;
    const inTimeWait = inRange.filter(({ state }) => state === 'TIME_WAIT').length;
    const reuses = reuse === '1' || (reuse === '2' && isLoopback(first.remote.address));
    const blocked = reuses ? used - inTimeWait : used;
    if (ports - blocked > ports * smallestRest) return [];
    const [holder] = uniqueHolders(members.flatMap(({ processes }) => processes));
    const ofProcess = members.filter(({ processes }) => processes.some(({ pid }) => pid === holder?.pid));
    return {
      remote: first.remote,
      address: first.local.address,
      used,
      inTimeWait,
      ports,
      lowest: low,
      process: facts.get(holder?.pid ?? 0) ?? null,
      ofProcess: ofProcess.length,
      reuses,
    };
  });
}
