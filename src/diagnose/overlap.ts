import { isIPv6 } from 'node:net';
import { isWildcard } from '../address.ts';
import type { Row } from '../observe/row.ts';

/**
 * Whether a bind to the address conflicts with the socket (inet_rcv_saddr_equal() and ipv6_rcv_saddr_equal()): the same address, or a
 * wildcard on either side. The wildcard `::` conflicts with IPv4 too, unless it is known to be IPv6-only.
 */
export function overlaps(address: string, { family, local, ipv6Only }: Row): boolean {
  if (address === '::') return true;
  const isIPv4Socket = family === 'IPv4' || !isIPv6(local.address);
  if (local.address === '::') return ipv6Only !== true || isIPv6(address);
  if (address === '0.0.0.0') return isIPv4Socket;
  if (isWildcard(local.address)) return !isIPv6(address);
  return local.address === address.split('%')[0];
}
