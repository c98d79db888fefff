/** The hosts of a run: this machine, a private network, or two of them with a cable between them. */
import { isIPv6 } from 'node:net';
import { isLoopback, isWildcard } from '../../address.ts';
import { UsageError } from '../../errors.ts';
import type { Teardown } from '../teardown.ts';
import { type Host, thisMachine } from './host.ts';
import { type LaunchPatience, openPeerLauncher } from './launcher.ts';
import { openNamespace } from './namespace.ts';
import { ownAddressTowards } from './own-address.ts';
import { loopback, openRunHost, type RunHostOptions, type Topology } from './run-host.ts';
import { openTwoHosts, twoHostsAddresses } from './two-hosts.ts';

export type Network = 'host' | 'own' | 'two hosts' | Launchers;

/** The prefix of the commands of each role; undefined means this machine. */
export interface Launchers {
  readonly server: string | undefined;
  readonly client: string | undefined;
}

type TopologyOptions = Omit<RunHostOptions, 'addresses'> & {
  readonly launch?: LaunchPatience | undefined;
};

/**
 * Creates the hosts that a run needs, and starts peers there.
 * @throws NoNamespace if they cannot be created
 * @throws UsageError `bad-host` for an address that they do not have
 */
export async function openTopology(
  network: Network,
  options: TopologyOptions,
  teardown: Teardown,
): Promise<Topology> {
  if (network === 'two hosts') return openBoth(options, teardown);
  if (typeof network === 'object') return openBehind(network, options, teardown);
  if (network === 'own') refuseOutside(options.address);
  const host = network === 'own' ? await openNamespace('a namespace', teardown) : thisMachine;
  const runHost = await openRunHost(host, { ...options, addresses: loopback }, teardown);
  return { server: runHost, client: runHost };
}

function refuseOutside(address: string): void {
  if (isLoopback(address) || isWildcard(address)) return;
  throw new UsageError(
    'bad-host',
    `${address} is not an address of the private network of this run, which has loopback only: leave out --host, or choose ::1 for IPv6`,
  );
}

async function openBoth(options: TopologyOptions, teardown: Teardown): Promise<Topology> {
  const { peers, address } = options;
  const family = familyOfChoice(address);
  const hosts = await openTwoHosts(teardown);
  const open = (role: 'server' | 'client', peers: number) => {
    const addresses = twoHostsAddresses[role];
    return openRunHost(hosts[role], { ...options, peers, addresses, address: addresses[family] }, teardown);
  };
  const [server, client] = await Promise.all([
    open('server', Math.ceil(peers / 2)),
    open('client', Math.max(1, Math.floor(peers / 2))),
  ]);
  return { server, client };
}

/** Hosts behind launchers. Two roles with the same launcher share a host. */
async function openBehind(
  { server, client }: Launchers,
  options: TopologyOptions,
  teardown: Teardown,
): Promise<Topology> {
  const { address, signal, launch } = options;
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  const reach = async (launcher: string | undefined) =>
    launcher === undefined ? thisMachine : openPeerLauncher(launcher, signal, launch);
  if (server === client) {
    const addresses = { ...loopback, [family]: address };
    const runHost = await openRunHost(await reach(server), { ...options, addresses }, teardown);
    return { server: runHost, client: runHost };
  }
  refuseLoopback(address);
  const open = (host: Host, own: string) => {
    const addresses = { IPv4: null, IPv6: null, [family]: own };
    return openRunHost(host, { ...options, address: own, addresses }, teardown);
  };
  const [atServer, atClient] = await Promise.all([
    reach(server).then((host) => open(host, address)),
    reach(client).then(async (host) => open(host, await ownAddressTowards(host, address, signal))),
  ]);
  return { server: atServer, client: atClient };
}

function refuseLoopback(address: string): void {
  if (address !== loopback.IPv4 && address !== loopback.IPv6) return;
  throw new UsageError(
    'bad-host',
    `only its own host can reach ${address}: give --host an address of the server that the client can reach`,
  );
}

/**
 * Tries the launchers once, before many runs use them.
 * @throws UsageError
 */
export async function tryLaunchers(
  { server, client }: Launchers,
  { address, signal, launch }: Pick<TopologyOptions, 'address' | 'signal' | 'launch'>,
): Promise<void> {
  if (server !== client) refuseLoopback(address);
  for (const launcher of new Set([server, client]))
    if (launcher !== undefined) await openPeerLauncher(launcher, signal, launch);
}

// A run is on loopback by default: there the default stands for its address family.
function familyOfChoice(address: string): 'IPv4' | 'IPv6' {
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  if (address === loopback[family] || address === twoHostsAddresses.server[family]) return family;
  throw new UsageError(
    'bad-host',
    `${address} is not an address of the two hosts: leave out --host, or choose ::1 for IPv6`,
  );
}
