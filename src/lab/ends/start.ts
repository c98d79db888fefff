/** Starts the two peers of a connection. */
import type { Endpoint } from '../../address.ts';
import { SystemCallError } from '../../native/errno.ts';
import type { Params } from '../../peer/methods.ts';
import { type RunHost, reachableAt, sameFamily } from '../hosts/run-host.ts';
import type { PeerProcess } from '../process/peer-process.ts';
import type { RunContext } from '../run-context.ts';
import { Client, type ClientOptions } from './client.ts';
import { ConnectionEnd } from './connection-end.ts';
import { Server, type ServerOptions, shortConnectionsOf } from './server.ts';
import { type Reuse, StartFailure } from './start-failure.ts';

/**
 * Starts the server on the given port, whatever remains there. Without a port, it tries ports until one has no leftovers.
 * @throws StartFailure
 */
export async function startServer(options: ServerOptions, run: RunContext): Promise<Server> {
  const runHost = run.topology[options.host ?? 'server'];
  const { port: given, address = runHost.address, name = 'server' } = options;
  const peer = await runHost.peers.take();
  for (;;) {
    const port = given ?? (await run.ports.takeAny());
    await run.ports.take(port);
    const reuse = reuseOf(options, 'on');
    const params: Params<'listen'> = {
      host: address,
      port,
      remnants: given === undefined ? 'refused' : 'tolerated',
      ...reuse,
      v6Only: options.v6Only,
      backlog: options.backlog ?? 511,
      options: { ...options.options },
      conduct: options.conduct,
      accepting: options.accepting,
      shortConnections: shortConnectionsOf(options),
    };
    try {
      const bound = await peer.call('listen', params);
      const reachable = () => reachableAt(runHost, bound.address);
      return new Server(name, peer, bound, reachable, reuse, run, options);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (given === undefined && error.errno === 'EADDRINUSE') continue;
      runHost.peers.giveBack(peer);
      throw new StartFailure({ address, port }, reuse, error);
    }
  }
}

function reuseOf({ reuseAddress, reusePort = 'off' }: Reuse, usual: 'on' | 'off'): Required<Reuse> {
  return { reuseAddress: reuseAddress ?? usual, reusePort };
}

/** @throws StartFailure */
export async function startClient(target: Server, options: ClientOptions, run: RunContext): Promise<Client> {
  const { process, name = 'client', connections = 1 } = options;
  const runHost = run.topology[options.host ?? 'client'];
  const peer = process?.process ?? (await runHost.peers.take());
  const reuse = reuseOf(options, 'off');
  const { localAddress, localPort, initialSequence, conduct, timeoutMs = 20_000 } = options;
  if (localPort !== undefined) await run.ports.take(localPort);
  const remote = { address: target.reachableAt, port: target.port };
  const params: Params<'connect'> = {
    host: remote.address,
    port: remote.port,
    localAddress,
    localPort,
    ...reuse,
    options: { ...options.options },
    initialSequence,
    conduct,
    timeoutMs,
  };
  const client = new Client(name, peer, target.process.host, reuse, run);
  if (options.completion === 'not awaited') {
    client.ends.push(pendingEnd(peer, params, localOf(params, runHost)));
    return client;
  }
  const connect = async () => {
    const known = target.ends.length;
    const { socket, local, remote } = await peer.call('connect', params);
    const end = new ConnectionEnd(peer, socket, local, remote, target.port, peer.host, params);
    client.ends.push(end);
    if (options.acceptance !== 'not awaited') await target.connectionTo(end, known);
  };
  try {
    await Promise.all(Array.from({ length: connections }, connect));
    return client;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    if (process === undefined && client.ends.length === 0) runHost.peers.giveBack(peer);
    throw new StartFailure(error.call === 'bind' ? localOf(params, runHost) : remote, reuse, error);
  }
}

// A connection that is not established is known by its given local port; the peer has no number for it.
function pendingEnd(peer: PeerProcess, params: Params<'connect'>, local: Endpoint): ConnectionEnd {
  if (params.localPort === undefined)
    throw new TypeError('a connection that is not awaited needs a localPort');
  peer.call('connect', params).catch(() => {});
  const remote = { address: params.host, port: params.port };
  return new ConnectionEnd(peer, Number.NaN, local, remote, params.port, peer.host, params);
}

function localOf({ host, localAddress, localPort = 0 }: Params<'connect'>, runHost: RunHost): Endpoint {
  return { address: localAddress ?? sameFamily(runHost, host), port: localPort };
}
