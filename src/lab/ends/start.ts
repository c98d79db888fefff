/** Starting the two parties of a connection. */
import type { Endpoint } from '../../address.ts';
import { SystemCallError } from '../../native/errno.ts';
import type { Params } from '../../peer/protocol.ts';
import type { Ports } from '../hosts/ports.ts';
import { type RunHost, reachableAt, sameFamily, type Topology } from '../hosts/run-host.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import { Client, type ClientOptions } from './client.ts';
import { ConnectionEnd } from './connection-end.ts';
import type { Perform } from './peer.ts';
import { Server, type ServerOptions } from './server.ts';
import { StartFailure } from './start-failure.ts';

/** What starting takes from the run. */
export interface StartContext {
  readonly topology: Topology;
  readonly ports: Ports;
  readonly perform: Perform;
}

/**
 * On a given port the server is started once, whatever may still be there. On a port of the kernel's or of chance it is tried
 * until one is found that is free of all remnants.
 * @throws StartFailure
 */
export async function startServer(options: ServerOptions, context: StartContext): Promise<Server> {
  const runHost = context.topology[options.host ?? 'server'];
  const { port: given, address = runHost.address, name = 'server' } = options;
  const peer = await runHost.peers.take();
  for (;;) {
    const port = given ?? (await context.ports.takeAny());
    await context.ports.take(port);
    const reuse = {
      reuseAddress: options.reuseAddress ?? 'on',
      reusePort: options.reusePort ?? 'off',
    } as const;
    const asks: Params<'listen'> = {
      host: address,
      port,
      remnants: given === undefined ? 'refused' : 'tolerated',
      ...reuse,
      ...(options.v6Only === undefined ? {} : { v6Only: options.v6Only }),
      backlog: options.backlog ?? 511,
      options: { ...options.options },
      conduct: options.conduct ?? 'idle',
      accepting: options.accepting ?? 'at once',
      ...(options.shortConnections === undefined ? {} : { shortConnections: options.shortConnections }),
    };
    try {
      const bound = await peer.call('listen', asks);
      const reachable = reachableAt(runHost, bound.address);
      const { perform } = context;
      return new Server(name, peer, bound, reachable, reuse, perform, options);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (given === undefined && error.errno === 'EADDRINUSE') continue;
      runHost.peers.giveBack(peer);
      throw new StartFailure({ address, port }, reuse, error);
    }
  }
}

/** @throws StartFailure */
export async function startClient(
  target: Server,
  options: ClientOptions,
  context: StartContext,
): Promise<Client> {
  const { process, name = 'client', connections = 1 } = options;
  const runHost = context.topology[options.host ?? 'client'];
  const peer = process?.process ?? (await runHost.peers.take());
  const reuse = {
    reuseAddress: options.reuseAddress ?? 'off',
    reusePort: options.reusePort ?? 'off',
  } as const;
  const { localAddress, localPort } = options;
  if (localPort !== undefined) await context.ports.take(localPort);
  const remote = { address: target.reachableAt, port: target.port };
  const asks: Params<'connect'> = {
    host: remote.address,
    port: remote.port,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
    ...reuse,
    options: { ...options.options },
    ...(options.initialSequence === undefined ? {} : { initialSequence: options.initialSequence }),
    conduct: options.conduct ?? 'idle',
    timeoutMs: options.timeoutMs ?? 20_000,
  };
  const client = new Client(name, peer, target.process.host, reuse, context.perform);
  if (options.completion === 'not awaited') {
    client.ends.push(pendingEnd(peer, asks, localOf(asks, runHost)));
    return client;
  }
  const connect = async () => {
    const known = target.ends.length;
    const { socket, local, remote } = await peer.call('connect', asks);
    const end = new ConnectionEnd(peer, socket, local, remote, target.port, peer.host, asks);
    client.ends.push(end);
    if (options.acceptance !== 'not awaited') await target.connectionTo(end, known);
  };
  try {
    await Promise.all(Array.from({ length: connections }, connect));
    return client;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    if (process === undefined && client.ends.length === 0) runHost.peers.giveBack(peer);
    throw new StartFailure(error.call === 'bind' ? localOf(asks, runHost) : remote, reuse, error);
  }
}

// A connection that does not come about yet is known by the port that was chosen for it; it has no number of the peer's.
function pendingEnd(peer: PeerProcess, asks: Params<'connect'>, local: Endpoint): ConnectionEnd {
  if (asks.localPort === undefined) throw new TypeError('a connection that is not awaited needs a localPort');
  peer.call('connect', asks).catch(() => {});
  return new ConnectionEnd(
    peer,
    Number.NaN,
    local,
    { address: asks.host, port: asks.port },
    asks.port,
    peer.host,
    asks,
  );
}

function localOf({ host, localAddress, localPort = 0 }: Params<'connect'>, runHost: RunHost): Endpoint {
  return { address: localAddress ?? sameFamily(runHost, host), port: localPort };
}
