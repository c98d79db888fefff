import { isLoopback } from '../../address.ts';
import type { NatSight } from '../../observe/nat/read.ts';
import { type Redirect, readNat } from '../../observe/nat/redirects.ts';
import type { Place } from '../../observe/place.ts';
import { publisherIn } from '../../observe/publisher.ts';
import { readDetails } from '../../observe/sock-diag/detail.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { type Leak, leaksIn } from './leaks.ts';
import { type FullQueue, fullQueuesIn } from './queues.ts';
import { type Shadow, shadowIn } from './shadows.ts';
import { type Shortage, shortagesIn } from './shortages.ts';
import { type Unheard, unheardIn } from './unheard.ts';

/** Problems of a port beyond who holds it. */
export type Trouble =
  | { readonly kind: 'redirected'; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'out of ports'; readonly shortage: Shortage }
  | { readonly kind: 'leaking'; readonly leak: Leak }
  | { readonly kind: 'overflowing'; readonly queue: FullQueue }
  | { readonly kind: 'shadowed'; readonly shadow: Shadow };

/** What the state of a port calls for: a problem's remedy; otherwise how to get the port, who uses it elsewhere, or nothing. */
export type Situation = Trouble['kind'] | Diagnosis['verdict'] | 'remote';

export interface Examined {
  readonly diagnosis: Diagnosis;
  readonly situation: Situation;
  /** Gravest first. */
  readonly troubles: readonly Trouble[];
  /** How many of the NAT rules could be read. */
  readonly rules: NatSight;
  /** Listeners of the port on which no process waits. */
  readonly unheard: readonly Unheard[];
}

/** Looks once for every problem that the port may have. */
export async function examine(place: Place, diagnosis: Diagnosis, signal: AbortSignal): Promise<Examined> {
  const details = readDetails(place, diagnosis.port);
  const [nat, shortages, unheard] = await Promise.all([
    readNat(place, 'always', signal),
    shortagesIn(diagnosis, place, signal),
    unheardIn(diagnosis, place, signal),
  ]);
  const redirects = nat.redirectsOf(diagnosis.port).filter(isForThePort);
  const shadow = shadowIn(diagnosis);
  const troubles: Trouble[] = [
    // Docker and podman forward a published port to its container by a rule: that is intended.
    ...(redirects.length === 0 || isPublished(diagnosis) ? [] : [{ kind: 'redirected', redirects } as const]),
    ...shortages.map((shortage) => ({ kind: 'out of ports', shortage }) as const),
    ...leaksIn(diagnosis, details).map((leak) => ({ kind: 'leaking', leak }) as const),
    ...fullQueuesIn(diagnosis, details).map((queue) => ({ kind: 'overflowing', queue }) as const),
    ...(shadow === null ? [] : [{ kind: 'shadowed', shadow } as const]),
  ];
  const { verdict, clients } = diagnosis;
  const usual = verdict === 'free' && clients.some(isOfAnother) ? 'remote' : verdict;
  return { diagnosis, situation: troubles[0]?.kind ?? usual, troubles, rules: nat.seen, unheard };
}

// Leftovers of connections from clients on this machine to a listener here do not show a service elsewhere.
function isOfAnother(clients: Diagnosis['clients'][number]): boolean {
  const { state } = clients;
  return !isOnThisMachine(clients) || state === 'ESTABLISHED' || state === 'SYN_SENT';
}

/** Whether clients have connected to their own machine. */
export function isOnThisMachine({ addresses, remotes }: Diagnosis['clients'][number]): boolean {
  return remotes.every(({ address }) => isLoopback(address) || addresses.includes(address));
}

// A rule for some connections to all ports is that of a proxy, which forwards them.
function isForThePort({ names, clients }: Redirect): boolean {
  return names === 'the port' || clients === 'all';
}

function isPublished({ holders }: Diagnosis): boolean {
  return holders.some(({ processes }) => processes.some(({ command }) => publisherIn(command) !== null));
}
