/** Which container is behind a program that publishes its port. */
import { readdirSync } from 'node:fs';
import type { Harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import { childrenOf, pidsAmong } from '../observe/processes.ts';
import { type Publisher, publisherIn } from '../observe/publisher.ts';
import { networkOf, textOf } from '../proc-files.ts';
import type { Origin } from './origin.ts';
import { factsOf, type ProcessFacts } from './process-facts.ts';
import { readProcessTable } from './process-files.ts';

/**
 * The same process, with the container whose port it publishes as its origin. Its command line does not name the container, but leads to
 * the network of the container's processes. Unchanged if that cannot be seen, as behind a launcher.
 */
export async function withContainer(facts: ProcessFacts, place: Place): Promise<ProcessFacts> {
  const publisher = publisherIn(facts.command);
  if (publisher === null || publisher.program === 'conmon' || place.procNet === undefined) return facts;
  const network = networkBehind(facts.pid, publisher);
  if (network === undefined) return facts;
  for (const pid of pidsAmong(readdirSync('/proc'))) {
    if (networkOf(pid) !== network || pid === facts.pid) continue;
    const { origins } = factsOf(pid, '' as Harmless, await readProcessTable(place, [pid]));
    const container = origins.find(({ kind, stop }) => kind === 'container' && stop !== null);
    if (container !== undefined) return { ...facts, origins: withOrigin(facts.origins, container) };
  }
  return facts;
}

function withOrigin(origins: readonly Origin[], container: Origin): Origin[] {
  return [container, ...origins.filter(({ kind }) => kind !== 'container')];
}

function networkBehind(pid: number, publisher: Publisher): string | undefined {
  switch (publisher.program) {
    case 'conmon':
      return undefined;
    case 'rootlessport':
      return childrenOf(pid)
        .map((child) => networkOf(child.pid))
        .find((network) => network !== undefined && network !== networkOf('self'));
    case 'docker-proxy':
      return publisher.address === null ? undefined : networkWith(publisher.address);
  }
}

/** The network namespace of this machine in which an address is local. Every user may read its routes. */
function networkWith(address: string): string | undefined {
  const own = networkOf('self');
  const isLocal = new RegExp(`-- ${address.replaceAll('.', '\\.')}\\n\\s+/32 host LOCAL`);
  const looked = new Set([own]);
  for (const pid of pidsAmong(readdirSync('/proc'))) {
    const network = networkOf(pid);
    if (network === undefined || looked.has(network)) continue;
    looked.add(network);
    if (isLocal.test(textOf(`/proc/${pid}/net/fib_trie`))) return network;
  }
  return undefined;
}
