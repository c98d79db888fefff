import { TcpcloseError } from '../../errors.ts';
import type { Role } from '../ends/role.ts';
import type { Teardown } from '../teardown.ts';
import type { Host } from './host.ts';
import { type Namespace, NoNamespace, openNamespace } from './namespace.ts';
import type { Addresses } from './run-host.ts';

/** Networks reserved for tests, which are not routed anywhere (RFC 2544 and RFC 5180). */
export const twoHostsAddresses: Readonly<Record<Role, Record<keyof Addresses, string>>> = {
  server: { IPv4: '198.18.0.1', IPv6: '2001:2::1' },
  client: { IPv4: '198.18.0.2', IPv6: '2001:2::2' },
};

const cable = 'tcpclose0';

/**
 * Two hosts with a cable (veth(4)) between them, each with its own addresses, routes and settings. Both are gone with the
 * teardown, or with tcpclose.
 * @throws NoNamespace with the reason and the remedy
 */
export async function openTwoHosts(teardown: Teardown): Promise<Readonly<Record<Role, Namespace>>> {
  const server = await openNamespace("the server's host", teardown);
  const client = await openNamespace("the client's host", teardown, server);
  await runIn(server, `ip link add ${cable} type veth peer name ${cable} netns ${client.holder}`);
  const hosts = { server, client };
  const roles = ['server', 'client'] as const;
  await Promise.all(roles.map((role) => raise(hosts[role], twoHostsAddresses[role])));
  return hosts;
}

/**
 * Unplugs the cable at one host, and returns once the other one has noticed, which may take a second: until then the cable drops packets
 * for the host, and they are not kept until the neighbour has been found.
 * @throws TcpcloseError `no-unplug`
 */
export async function unplug(here: Host, there: Host): Promise<void> {
  const noticed = `for i in $(seq 200); do ip -o link show ${cable} | grep -q "state .*DOWN" && exit; sleep 0.05; done; exit 1`;
  for (const [host, script] of [
    [here, `ip link set ${cable} down`],
    [there, noticed],
  ] as const) {
    const { exitCode, stderr } = await host.run(['sh', '-c', script]);
    if (exitCode !== 0)
      throw new TcpcloseError(
        'no-unplug',
        `the cable cannot be unplugged: ${stderr.trim() || 'its carrier stays up'}`,
      );
  }
}

// Without duplicate address detection (DAD) an IPv6 address can be used at once. Neighbour discovery (ARP, NDP) tries three times, but in
// shorter intervals than the usual second, because a scenario should not wait that long for a missing neighbour.
function raise(host: Namespace, { IPv4, IPv6 }: Addresses): Promise<void> {
  const script = `
    ip address add ${IPv4}/24 dev ${cable} || exit
    ip link set ${cable} up || exit
    ip ntable change name arp_cache dev ${cable} retrans 100
    [ ! -e /proc/net/if_inet6 ] || ip address add ${IPv6}/64 dev ${cable} nodad || exit
    [ ! -e /proc/net/if_inet6 ] || ip ntable change name ndisc_cache dev ${cable} retrans 100`;
  return runIn(host, script);
}

async function runIn(host: Namespace, script: string): Promise<void> {
  const { exitCode, stderr } = await host.run(['sh', '-c', script]);
  if (exitCode === 0) return;
  const why = stderr.trim().split('\n')[0] || `ip ended with status ${exitCode}`;
  throw new NoNamespace('no-two-hosts', `two hosts cannot be made (${why}): ${remedyFor(why)}`);
}

function remedyFor(why: string): string {
  if (/not found/.test(why)) return 'install iproute2';
  if (/Unknown device type|not supported/i.test(why)) return 'load the kernel module with "modprobe veth"';
  if (/ended with status/.test(why)) return 'run it again';
  return 'run as root, or leave out --two-hosts';
}
