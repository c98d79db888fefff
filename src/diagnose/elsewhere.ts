import { readdirSync, statSync } from 'node:fs';
import { harmless } from '../foreign.ts';
import { type Place, readAll } from '../observe/place.ts';
import { findHolders } from '../observe/proc/holders.ts';
import { linesOfPorts, parseProc } from '../observe/proc/parse.ts';
import { pidsAmong } from '../observe/processes.ts';
import { factsOf, type ProcessFacts } from './process-facts.ts';
import { readProcessTable } from './process-files.ts';

/** Another network namespace of this machine with a listener on the port, usually that of a container. */
export interface Elsewhere {
  /** A process that listens there; if none is visible, any process there. */
  readonly process: ProcessFacts;
  readonly sees: 'the listener' | 'a neighbour';
  readonly addresses: readonly string[];
}

/**
 * Looks into all other network namespaces that have a process here. Every user may read /proc/<pid>/net, and its files have
 * different inodes in each namespace.
 */
export async function findElsewhere(place: Place, port: number): Promise<Elsewhere[]> {
  if (place.procNet === undefined) return [];
  const found = await Promise.all(membersOfOthers().map((pid) => lookAt(pid, port, place)));
  return found.filter((elsewhere) => elsewhere !== null);
}

/** One process of each other network namespace that has a process here. */
export function membersOfOthers(): number[] {
  const own = namespaceOf('self');
  const members = new Map<number, number>();
  for (const pid of pidsAmong(readdirSync('/proc'))) {
    const namespace = namespaceOf(pid);
    if (namespace !== undefined && namespace !== own && !members.has(namespace)) members.set(namespace, pid);
  }
  return [...members.values()];
}

function namespaceOf(pid: number | 'self'): number | undefined {
  try {
    return statSync(`/proc/${pid}/net/tcp`).ino;
  } catch {
    return undefined;
  }
}

async function lookAt(member: number, port: number, place: Place): Promise<Elsewhere | null> {
  const tables = ['tcp', 'tcp6'].map((table) => `/proc/${member}/net/${table}`);
  const text = await readAll(place, tables);
  const listening = parseProc(linesOfPorts(text, [port])).rows.filter(
    ({ state, local }) => state === 'LISTEN' && local.port === port,
  );
  if (listening.length === 0) return null;
  const inodes = new Set(listening.map(({ inode }) => inode));
  const [[holder] = []] = findHolders((inode) => inodes.has(inode)).byInode.values();
  const pid = holder?.pid ?? member;
  const table = await readProcessTable(place, [pid]);
  return {
    process: factsOf(pid, holder?.name ?? harmless(''), table),
    sees: holder === undefined ? 'a neighbour' : 'the listener',
    addresses: listening.map(({ local }) => local.address),
  };
}
