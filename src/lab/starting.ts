/** Starting the two parties of a connection. */
import { isIPv6 } from 'node:net';
import { type Endpoint, isWildcard } from '../address.ts';
import { SystemCallError } from '../native/errno.ts';
import type { Asks } from '../peer/protocol.ts';
import { Client, type ClientOptions } from './client.ts';
import type { Perform } from './party.ts';
import type { Peer } from './peer.ts';
import type { Ports } from './ports.ts';
import { Server, type ServerOptions } from './server.ts';
import { Side } from './side.ts';
import type { Spares } from './spares.ts';
import { StartFailure } from './start-failure.ts';

/** What starting takes from the run. */
export interface Setting {
  readonly address: string;
  readonly spares: Spares;
  readonly ports: Ports;
  readonly perform: Perform;
}

/**
 * On a given port the server is started once, whatever may still be there. On a port of the kernel's or of chance it is tried
 * until one is found that is free of all remnants.
 * @throws StartFailure
 */
export async function startServer(options: ServerOptions, setting: Setting): Promise<Server> {
  const { port: given, address = setting.address, name = 'server' } = options;
  const peer = await setting.spares.take();
  for (;;) {
    const port = given ?? (await setting.ports.takeAny());
    await setting.ports.take(port);
    const reuse = {
      reuseAddress: options.reuseAddress ?? 'on',
      reusePort: options.reusePort ?? 'off',
    } as const;
    const asks: Asks<'listen'> = {
      host: address,
      port,
      remnants: given === undefined ? 'refused' : 'tolerated',
      ...reuse,
      ...(options.v6Only === undefined ? {} : { v6Only: options.v6Only }),
      backlog: options.backlog ?? 511,
      options: { ...options.options },
      conduct: options.conduct ?? 'idle',
      accepting: options.accepting ?? 'at once',
    };
    try {
      return new Server(name, peer, await peer.ask('listen', asks), reuse, setting.perform);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (given === undefined && error.errno === 'EADDRINUSE') continue;
      setting.spares.giveBack(peer);
      throw new StartFailure({ address, port }, reuse, error);
    }
  }
}

/** @throws StartFailure */
export async function startClient(target: Server, options: ClientOptions, setting: Setting): Promise<Client> {
  const { process, name = 'client', connections = 1 } = options;
  const peer = process?.peer ?? (await setting.spares.take());
  const reuse = {
    reuseAddress: options.reuseAddress ?? 'off',
    reusePort: options.reusePort ?? 'off',
  } as const;
  const { localAddress, localPort } = options;
  if (localPort !== undefined) await setting.ports.take(localPort);
  const remote = { address: reachable(target.address), port: target.port };
  const asks: Asks<'connect'> = {
    host: remote.address,
    port: remote.port,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
    ...reuse,
    options: { ...options.options },
    conduct: options.conduct ?? 'idle',
    timeoutMs: options.timeoutMs ?? 20_000,
  };
  const client = new Client(name, peer, reuse, setting.perform);
  if (options.completion === 'not awaited') {
    client.sides.push(pendingSide(peer, asks, remote));
    return client;
  }
  const connect = async () => {
    const { socket, local, remote } = await peer.ask('connect', asks);
    const side = new Side(peer, socket, local, remote, target.port);
    client.sides.push(side);
    if (options.acceptance !== 'not awaited') await target.sideTo(side);
  };
  try {
    await Promise.all(Array.from({ length: connections }, connect));
    return client;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    if (process === undefined && client.sides.length === 0) setting.spares.giveBack(peer);
    throw new StartFailure(error.call === 'bind' ? localOf(asks) : remote, reuse, error);
  }
}

// A connection that does not come about yet is known by the port that was chosen for it; it has no number of the peer's.
function pendingSide(peer: Peer, asks: Asks<'connect'>, remote: Endpoint): Side {
  if (asks.localPort === undefined) throw new TypeError('a connection that is not awaited needs a localPort');
  peer.ask('connect', asks).catch(() => {});
  return new Side(peer, Number.NaN, localOf(asks), remote, remote.port);
}

function localOf({ host, localAddress, localPort = 0 }: Asks<'connect'>): Endpoint {
  return { address: localAddress ?? (isIPv6(host) ? '::1' : '127.0.0.1'), port: localPort };
}

/** Where a client connects to reach a server that is bound to this address. */
function reachable(address: string): string {
  if (!isWildcard(address)) return address;
  return isIPv6(address) ? '::1' : '127.0.0.1';
}
