import type { Host } from './host.ts';
import { type Namespace, NoNamespace, openNamespace } from './namespace.ts';
import type { Role } from './role.ts';
import type { Addresses } from './station.ts';
import type { Teardown } from './teardown.ts';

/** Networks that are set aside for trials and are routed nowhere (RFC 2544 and RFC 5180). */
export const twoHostsAddresses: Readonly<Record<Role, Addresses>> = {
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
  await Promise.all(
    (['server', 'client'] as const).map((role) => raise(hosts[role], twoHostsAddresses[role])),
  );
  return hosts;
}

/** Takes the cable out where that host has it; the other one notices that there is none. */
export function unplug(host: Host): Promise<void> {
  return runIn(host, `ip link set ${cable} down`);
}

// Without the search for duplicates (DAD) an IPv6 address can be used at once. A neighbour is asked for three times (ARP, NDP), and
// not a second apart as usual: a scenario need not wait that long to see that nobody answers.
function raise(host: Namespace, { IPv4, IPv6 }: Addresses): Promise<void> {
  const script = `
    ip address add ${IPv4}/24 dev ${cable} || exit
    ip link set ${cable} up || exit
    ip ntable change name arp_cache dev ${cable} retrans 100
    [ ! -e /proc/net/if_inet6 ] || {
      ip address add ${IPv6}/64 dev ${cable} nodad && ip ntable change name ndisc_cache dev ${cable} retrans 100
    }`;
  return runIn(host, script);
}

async function runIn(host: Host, script: string): Promise<void> {
  const { exitCode, stderr } = await host.run(['sh', '-c', script]);
  if (exitCode === 0) return;
  const why = stderr.trim().split('\n')[0] ?? '';
  throw new NoNamespace('no-two-hosts', `two hosts cannot be made (${why}): ${remedyFor(why)}`);
}

function remedyFor(why: string): string {
  if (/not found/.test(why)) return 'install iproute2';
  if (/Unknown device type|not supported/i.test(why)) return 'load the kernel module with "modprobe veth"';
  return 'run as root, or leave --two-hosts out';
}
