import { TcpcloseError } from '../../errors.ts';
import { type HarmlessLines, harmlessLines } from '../../foreign.ts';
import { type Place, readAll } from '../place.ts';
import { meanings } from './meanings.ts';

/** What the kernel counts in one network, by the kernel's names, such as `TW` or `TCPTimeWaitOverflow`. */
export type Counters = ReadonlyMap<string, number>;

/** A counter that moved, and its meaning; null for an unknown counter. */
export interface Movement {
  readonly name: string;
  readonly by: number;
  readonly meaning: string | null;
}

export const counterFiles = ['/proc/net/snmp', '/proc/net/netstat'];
const groups = ['Tcp', 'TcpExt'];

// These are settings and gauges, not counters.
const uncounted = new Set(['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn', 'CurrEstab']);

/**
 * Reads what the kernel counts at a place (/proc/net/snmp and /proc/net/netstat), word for word.
 * @throws TcpcloseError `no-counters`
 */
export async function readCounterText(place: Place, signal?: AbortSignal): Promise<HarmlessLines> {
  const text = await readAll(place, counterFiles, signal);
  if (parseCounters(text).size > 0) return harmlessLines(text);
  throw new TcpcloseError('no-counters', '/proc/net/netstat cannot be read: mount /proc there');
}

/** Parses both files: each group has a line of names and then a line of numbers: `TcpExt: TW TWRecycled`, `TcpExt: 3 0`. */
export function parseCounters(text: string): Counters {
  const names = new Map<string, readonly string[]>();
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const text = line.trim();
    const group = groups.find((name) => text.startsWith(`${name}: `));
    if (group === undefined) continue;
    const fields = text.split(/\s+/);
    const known = names.get(group);
    if (known === undefined) names.set(group, fields);
    else for (const [i, name] of known.entries()) enter(counters, name, fields[i]);
  }
  return counters;
}

function enter(counters: Map<string, number>, name: string, field: string | undefined): void {
  const value = Number(field);
  if (!uncounted.has(name) && Number.isSafeInteger(value)) counters.set(name, value);
}

/** What has changed between two readings, in the order of the kernel's tables. */
export function movements(before: Counters, after: Counters): Movement[] {
  return [...after]
    .map(([name, value]) => ({ name, by: value - (before.get(name) ?? 0), meaning: meanings[name] ?? null }))
    .filter(({ by }) => by !== 0);
}
