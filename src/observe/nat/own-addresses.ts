import { canonicalAddress } from '../../address.ts';
import type { Place } from '../place.ts';

/** The addresses in the network of a place; only those of loopback if the others cannot be read. */
export async function ownAddresses(place: Place, signal?: AbortSignal): Promise<string[]> {
  const [trie, interfaces] = await Promise.all([
    place.read('/proc/net/fib_trie', signal),
    place.read('/proc/net/if_inet6', signal),
  ]);
  return [...new Set(['127.0.0.1', '::1', ...addressesIn(trie ?? ''), ...ipv6AddressesIn(interfaces ?? '')])];
}

//         |-- 192.0.2.7
//            /32 host LOCAL
function addressesIn(trie: string): string[] {
  return [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].flatMap(
    ([, address]) => canonicalAddress(address ?? '') ?? [],
  );
}

// fe80000000000000abcdeffffe123456 02 40 20 80     eth0
function ipv6AddressesIn(interfaces: string): string[] {
  return [...interfaces.matchAll(/^([0-9a-f]{32}) /gm)].flatMap(
    ([, digits = '']) => canonicalAddress(digits.replaceAll(/(.{4})(?!$)/g, '$1:')) ?? [],
  );
}
