import { isIPv6 } from 'node:net';
import { isWildcard } from '../../address.ts';
import type { Observer } from '../../observe/observer.ts';
import { type ObserverChoice, openObserver } from '../../observe/observers.ts';
import type { Role } from '../ends/role.ts';
import { PeerPool, type Scheduling } from '../process/peer-pool.ts';
import type { Teardown } from '../teardown.ts';
import type { Host } from './host.ts';

/** An address of each family. */
export interface Addresses {
  readonly IPv4: string;
  readonly IPv6: string;
}

export const loopback: Addresses = { IPv4: '127.0.0.1', IPv6: '::1' };

/** A host at work in one run: its peers, and the way to look at its sockets. */
export interface RunHost {
  readonly host: Host;
  readonly peers: PeerPool;
  readonly observer: Observer;
  /** Where its servers bind if the scenario does not say. */
  readonly address: string;
  /** Where it is reached by the other host, or on one host by itself. */
  readonly addresses: Addresses;
}

export type Topology = Readonly<Record<Role, RunHost>>;

export interface RunHostOptions {
  /** How many peers to start ahead. */
  readonly peers: number;
  readonly scheduling: Scheduling;
  readonly observer: ObserverChoice;
  readonly signal: AbortSignal;
  readonly address: string;
  readonly addresses: Addresses;
}

/** Starts peers on a host, and opens the observer meanwhile. */
export async function openRunHost(host: Host, options: RunHostOptions, teardown: Teardown): Promise<RunHost> {
  const { address, addresses } = options;
  const peers = new PeerPool(host, options.peers, options.scheduling);
  teardown.add(() => peers.end());
  const observer = await openObserver(options.observer, host, options.signal).catch((error: unknown) => {
    throw host.gone ?? error;
  });
  return { host, peers, observer, address, addresses };
}

/** The one or the two of them, each once. */
export function distinct({ server, client }: Topology): RunHost[] {
  return server === client ? [server] : [server, client];
}

/** Where a client connects to reach what is bound to that address of the host. */
export function reachableAt(runHost: RunHost, bound: string): string {
  return isWildcard(bound) ? sameFamily(runHost, bound) : bound;
}

/** The host's address of the family of another. */
export function sameFamily({ addresses }: RunHost, address: string): string {
  return isIPv6(address) ? addresses.IPv6 : addresses.IPv4;
}
