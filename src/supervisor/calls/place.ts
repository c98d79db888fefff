import { AF_INET, AF_INET6, AF_UNIX, decodeSockaddr } from '../../native/sockaddr.ts';

const leastSizes: Readonly<Record<number, number>> = { [AF_UNIX]: 2, [AF_INET]: 16, [AF_INET6]: 24 };

/** The address of a socket, bound or to be bound. */
export type Place =
  | { readonly family: 'IPv4' | 'IPv6'; readonly address: string; readonly port: number }
  | { readonly family: 'Unix'; readonly path: string };

/** Parses a struct sockaddr; undefined for other families (AF_NETLINK, AF_UNSPEC ...), and if it is too short. */
export function placeOf(name: Buffer): Place | undefined {
  if (name.length < 2) return undefined;
  const family = name.readUInt16LE(0);
  const least = leastSizes[family];
  if (least === undefined || name.length < least) return undefined;
  if (family === AF_UNIX) return { family: 'Unix', path: pathOf(name.subarray(2)) };
  return { family: family === AF_INET ? 'IPv4' : 'IPv6', ...decodeSockaddr(name) };
}

export function familyOfNumber(family: number): Place['family'] | undefined {
  const families: Readonly<Record<number, Place['family']>> = {
    [AF_UNIX]: 'Unix',
    [AF_INET]: 'IPv4',
    [AF_INET6]: 'IPv6',
  };
  return families[family];
}

/** Whether the socket has been bound, by its name. */
export function isBound(place: Place | undefined): boolean {
  if (place === undefined) return false;
  return place.family === 'Unix' ? place.path !== '' : place.port !== 0;
}

// A path ends at its first NUL; an abstract name begins with one and includes all that follows, which some programs pad with NULs.
function pathOf(bytes: Buffer): string {
  if (bytes.length === 0) return '';
  if (bytes[0] === 0) return `@${bytes.subarray(1).toString().replace(/\0+$/, '')}`;
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? bytes.length : end).toString();
}
