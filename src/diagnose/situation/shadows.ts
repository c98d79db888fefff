import { isLoopback, isWildcard } from '../../address.ts';
import { publisherIn } from '../../observe/publisher.ts';
import type { Diagnosis, Holder } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** Two programs that listen on one port: the address decides which one a client reaches. */
export interface Shadow {
  readonly one: Holder;
  readonly other: Holder;
  /** `family`: one has IPv4, the other IPv6; `address`: one has a specific address, the other has all. */
  readonly by: 'family' | 'address';
}

/** null if a client reaches the same program at all addresses. Sharing by SO_REUSEPORT is deliberate, and does not count. */
export function shadowIn({ holders }: Diagnosis): Shadow | null {
  const listeners = holders.filter(({ kind }) => kind === 'listener');
  for (const [i, one] of listeners.entries()) {
    for (const other of listeners.slice(i + 1)) {
      const by = isSameProgram(one, other) ? null : overlapOf(addressOf(one), addressOf(other));
      if (by !== null) return { one, other, by };
    }
  }
  return null;
}

function addressOf({ addresses: [address = ''] }: Holder): string {
  return address;
}

// Docker starts a proxy for each family, and a server may have a process for each address.
function isSameProgram(one: Holder, other: Holder): boolean {
  if (one.processes.length === 0 || other.processes.length === 0) return one.uid === other.uid;
  return one.processes.some((a) => other.processes.some((b) => areOne(a, b)));
}

function areOne(a: ProcessFacts, b: ProcessFacts): boolean {
  const [parentOfA, parentOfB] = [a.parents[0]?.pid, b.parents[0]?.pid];
  if (a.pid === b.pid || a.pid === parentOfB || b.pid === parentOfA) return true;
  const areProxies = [a, b].every(({ command }) => publisherIn(command) !== null);
  return areProxies || (parentOfA === parentOfB && parentOfA !== 1 && a.command === b.command);
}

function overlapOf(one: string, other: string): Shadow['by'] | null {
  if (one === other) return null;
  const isOtherFamily = one.includes(':') !== other.includes(':');
  const wild = [one, other].filter(isWildcard).length;
  const meet = wild > 0 || (isLoopback(one) && isLoopback(other));
  if (!meet) return null;
  if (!isOtherFamily) return wild > 0 ? 'address' : null;
  // :: also receives IPv4 as long as no other socket has it; a specific IPv4 address takes precedence.
  if (wild === 1 && isWildcard(one) !== isWildcard(other)) {
    const specific = isWildcard(one) ? other : one;
    return isLoopback(specific) ? 'family' : null;
  }
  return 'family';
}
