import { SystemCallError } from '../../native/errno.ts';
import type { ProbeResult } from '../../peer/results.ts';
import type { Topology } from '../hosts/run-host.ts';
import type { RunContext } from '../run-context.ts';
import type { Role } from './role.ts';
import { StartFailure } from './start-failure.ts';

/** A bind to try. */
export interface ProbeOptions {
  readonly port: number;
  /** The host, if there are two (default: the server's). */
  readonly host?: Role;
  /** Default: the address of the host. */
  readonly address?: string;
  /** SO_REUSEADDR (default: `off`). */
  readonly reuseAddress?: 'on' | 'off';
  readonly reusePort?: 'on' | 'off';
  readonly v6Only?: 'on' | 'off';
  /** Whether to try listen(2) too (default: `not`). */
  readonly listen?: 'too' | 'not';
}

/** Binds another socket, and closes it at once. @internal */
export async function probe(topology: Topology, options: ProbeOptions): Promise<ProbeResult> {
  const { host = 'server', reuseAddress = 'off', ...rest } = options;
  const { peers, address } = topology[host];
  const params = { host: options.address ?? address, reuseAddress, ...rest };
  return peers.lend((peer) => peer.call('probe', params));
}

/**
 * Makes sure before the run that the address and the port that the user chose can be bound.
 * @internal
 * @throws StartFailure if they cannot
 */
export async function checkChoice({ topology, ports }: RunContext, port = 0): Promise<void> {
  const { address } = topology.server;
  await ports.take(port);
  const { bind } = await probe(topology, { port });
  const reuse = { reuseAddress: 'off', reusePort: 'off' } as const;
  if (bind !== 'ok') throw new StartFailure({ address, port }, reuse, new SystemCallError('bind', bind));
}
