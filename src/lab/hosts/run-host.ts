import { isIPv6 } from 'node:net';
import { isWildcard } from '../../address.ts';
import { TcpcloseError } from '../../errors.ts';
import type { Observer } from '../../observe/observer.ts';
import { type ObserverChoice, openObserver } from '../../observe/observers.ts';
import type { Role } from '../ends/role.ts';
import { PeerPool, type Scheduling } from '../process/peer-pool.ts';
import type { Teardown } from '../teardown.ts';
import type { Host } from './host.ts';

/** An address of each family; null if it is not known. */
export interface Addresses {
  readonly IPv4: string | null;
  readonly IPv6: string | null;
}

export const loopback = { IPv4: '127.0.0.1', IPv6: '::1' };

/** A host in one run: its peers, and the observer of its sockets. */
export interface RunHost {
  readonly host: Host;
  readonly peers: PeerPool;
  readonly observer: Observer;
  /** Where its servers bind if the scenario does not say. */
  readonly address: string;
  /** The address at which the other host reaches it; on one host, its own. */
  readonly addresses: Addresses;
}

export type Topology = Readonly<Record<Role, RunHost>>;

export interface RunHostOptions {
  /** The number of peers to start ahead. */
  readonly peers: number;
  readonly scheduling: Scheduling;
  readonly observer: ObserverChoice;
  readonly signal: AbortSignal;
  readonly address: string;
  readonly addresses: Addresses;
}

/** Starts peers on a host, and opens the observer at the same time. */
export async function openRunHost(host: Host, options: RunHostOptions, teardown: Teardown): Promise<RunHost> {
  const { address, addresses } = options;
  const peers = new PeerPool(host, options.peers, options.scheduling);
  teardown.add(() => peers.end());
  const observer = await openObserver(options.observer, host, options.signal).catch((error: unknown) => {
    throw host.gone ?? error;
  });
  return { host, peers, observer, address, addresses };
}

/** The one or two hosts, each once. */
export function distinct({ server, client }: Topology): RunHost[] {
  return server === client ? [server] : [server, client];
}

/** The address at which a client reaches what is bound to this address of the host. */
export function reachableAt(runHost: RunHost, bound: string): string {
  return isWildcard(bound) ? sameFamily(runHost, bound) : bound;
}

/** The host's address in the family of another address. */
export function sameFamily({ host, addresses }: RunHost, address: string): string {
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  const own = addresses[family];
  if (own !== null) return own;
  throw new NoAddress(
    'no-address',
    `it needs an ${family} address of ${host.name}, and none is known: give one with --host`,
  );
}

/** The host may have an address of that family, but it was not given. */
export class NoAddress extends TcpcloseError {
  override readonly name = 'NoAddress';
}
