import { isIPv6 } from 'node:net';
import { isWildcard } from '../address.ts';
import { type Observer, type ObserverChoice, openObserver } from '../observe/observer.ts';
import type { Host } from './host.ts';
import type { Role } from './role.ts';
import { type Manner, Spares } from './spares.ts';
import type { Teardown } from './teardown.ts';

/** An address of each family. */
export interface Addresses {
  readonly IPv4: string;
  readonly IPv6: string;
}

export const loopback: Addresses = { IPv4: '127.0.0.1', IPv6: '::1' };

/** A host at work in one run: its peers, and the way to look at its sockets. */
export interface Station {
  readonly host: Host;
  readonly spares: Spares;
  readonly observer: Observer;
  /** Where its servers bind if the scenario does not say. */
  readonly address: string;
  /** Where it is reached by the other host, or on one host by itself. */
  readonly addresses: Addresses;
}

export type Stations = Readonly<Record<Role, Station>>;

export interface StationOptions {
  /** How many peers to start ahead. */
  readonly peers: number;
  readonly manner: Manner;
  readonly observer: ObserverChoice;
  readonly signal: AbortSignal;
  readonly address: string;
  readonly addresses: Addresses;
}

/** Starts peers on a host, and opens the observer meanwhile. */
export async function openStation(host: Host, options: StationOptions, teardown: Teardown): Promise<Station> {
  const { address, addresses } = options;
  const spares = new Spares(host, options.peers, options.manner);
  teardown.add(() => spares.end());
  const observer = await openObserver(options.observer, host, options.signal).catch((error: unknown) => {
    throw host.gone ?? error;
  });
  return { host, spares, observer, address, addresses };
}

/** The one or the two of them, each once. */
export function distinct({ server, client }: Stations): Station[] {
  return server === client ? [server] : [server, client];
}

/** Where a client connects to reach what is bound to that address of the station. */
export function reachableAt(station: Station, bound: string): string {
  return isWildcard(bound) ? sameFamily(station, bound) : bound;
}

/** The station's address of the family of another. */
export function sameFamily({ addresses }: Station, address: string): string {
  return isIPv6(address) ? addresses.IPv6 : addresses.IPv4;
}
