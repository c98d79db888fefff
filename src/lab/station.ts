import { type Observer, type ObserverChoice, openObserver } from '../observe/observer.ts';
import type { Host } from './host.ts';
import { Spares } from './spares.ts';
import type { Teardown } from './teardown.ts';

/** A host at work in one run: its peers, and the way to look at its sockets. */
export interface Station {
  readonly host: Host;
  readonly spares: Spares;
  readonly observer: Observer;
}

export interface StationOptions {
  /** How many peers to start ahead. */
  readonly peers: number;
  readonly observer: ObserverChoice;
  readonly signal: AbortSignal;
}

/** Starts peers on a host, and opens the observer meanwhile. */
export async function openStation(host: Host, options: StationOptions, teardown: Teardown): Promise<Station> {
  const spares = new Spares(host, options.peers);
  teardown.add(() => spares.end());
  return { host, spares, observer: await openObserver(options.observer, host, options.signal) };
}
