import { isWildcard } from '../address.ts';
import { overlaps } from '../diagnose/overlap.ts';
import { harmless } from '../foreign.ts';
import { isOwnerless, type Row } from '../observe/row.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Witness } from '../supervisor/calls/witnesses.ts';
import type { FailedBind, FailureKind, PortHolder } from './failed-bind.ts';

/** What is known about a failed call, besides the call. */
interface Circumstances {
  readonly witnesses: readonly Witness[];
  /** The command's process: the run is this process and everything below it. */
  readonly root: number;
  /** When each socket was bound, by inode, as far as it was seen. */
  readonly boundAt: ReadonlyMap<number, number>;
}

type Classified = Pick<FailedBind, 'command' | 'kind' | 'holders' | 'leftovers'>;

/** What blocked a call, read while the call waited. */
export function classify(call: Call, { witnesses, root, boundAt }: Circumstances): Classified {
  const rows = conflicting(call);
  const byPid = new Map(witnesses.map((witness) => [witness.pid, witness]));
  const caller = byPid.get(call.pid);
  const pids = new Set(rows.flatMap(({ processes }) => processes.map(({ pid }) => pid)));
  const holders = [...pids].map((pid): PortHolder => {
    const own = rows.filter(({ processes }) => processes.some((holder) => holder.pid === pid));
    const times = own.flatMap(({ inode }) => boundAt.get(inode ?? 0) ?? []);
    const name = own.flatMap(({ processes }) => processes).find((holder) => holder.pid === pid)?.name;
    const witness = byPid.get(pid);
    return {
      pid,
      command: witness?.command ?? name ?? harmless(''),
      relation: pid === call.pid ? 'same process' : isOfRun(witness, root) ? 'this run' : 'outside',
      states: [...new Set(own.map(({ state }) => state))],
      boundMsBefore: times.length === 0 ? null : Math.max(0, Math.round(call.at - Math.min(...times))),
    };
  });
  const leftovers = rows.filter(isOwnerless).map(({ state }) => state as string);
  const command = caller?.command ?? call.program;
  return { command, kind: kindOf(call, rows, holders, caller, byPid), holders, leftovers };
}

function isOfRun(witness: Witness | undefined, root: number): boolean {
  return witness !== undefined && (witness.pid === root || witness.above.includes(root));
}

/** The sockets that a bind there conflicts with, or all on the port if none does; only the listeners among them, if there are any. */
function conflicting({ inTheWay, port, address, inode }: Call): readonly Row[] {
  const others = inTheWay.filter((row) => row.local.port === port && (row.inode !== inode || inode === 0));
  const meeting = address === null ? others : others.filter((row) => overlaps(address, row));
  const met = meeting.length > 0 ? meeting : others;
  const listening = met.filter(({ state }) => state === 'LISTEN');
  return listening.length > 0 ? listening : met;
}

function kindOf(
  call: Call,
  rows: readonly Row[],
  holders: readonly PortHolder[],
  caller: Witness | undefined,
  byPid: ReadonlyMap<number, Witness>,
): FailureKind {
  if (call.family === 'Unix') return call.result === 'EADDRINUSE' ? 'file exists' : 'refused';
  if (call.result !== 'EADDRINUSE') return 'refused';
  if (rows.length === 0) return 'unknown';
  const passive = rows.some(({ state, open }) => state === 'LISTEN' || open !== 'active');
  if (holders.length > 0 && !passive) return 'outgoing connection';
  if (holders.some(({ relation }) => relation === 'same process')) return 'same process';
  const inRun = holders.find(({ relation }) => relation === 'this run');
  if (inRun !== undefined) {
    const witness = byPid.get(inRun.pid);
    const sameParent = witness?.above[0] === caller?.above[0];
    return sameParent && witness?.command === caller?.command ? 'earlier start' : 'this run';
  }
  if (holders.length > 0) return 'outside';
  return rows.every(isOwnerless) ? 'leftover' : 'unknown';
}

/** `127.0.0.1:80`, `port 80` or the path. */
export function placeOfCall({ address, port, path }: Pick<Call, 'address' | 'port' | 'path'>): string {
  if (path !== null) return path === '' ? 'a Unix socket' : path;
  if (port === null) return 'a socket';
  if (address === null || isWildcard(address)) return `port ${port}`;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
