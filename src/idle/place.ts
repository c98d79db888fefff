import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalAddress, isLoopback } from '../address.ts';
import { messageOf, TcpcloseError, UsageError } from '../errors.ts';

/** Where to send requests, as the user writes it. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: 'on' | 'off';
  /** The path of the request. */
  readonly path: string;
}

/** The same place, resolved. */
export interface FoundPlace extends Place {
  readonly address: string;
  /** Whether the address is one of this machine. */
  readonly where: 'here' | 'elsewhere';
}

/**
 * A port on this machine, `host:port`, or a URL with http or https.
 * @throws UsageError
 */
export function parsePlace(text: string, wanted: { readonly tls: boolean; readonly path?: string }): Place {
  const tls = wanted.tls ? ('on' as const) : ('off' as const);
  if (/^\d+$/.test(text))
    return { host: '127.0.0.1', port: portOf(text, text), tls, path: wanted.path ?? '/' };
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const url = tryUrl(hasScheme ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') throw badPlace(text);
  if (!hasScheme && url.port === '' && !/:80(\/|$)/.test(text)) throw badPlace(text);
  const secure = url.protocol === 'https:' || wanted.tls;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : portOf(url.port, text),
    tls: secure ? 'on' : 'off',
    path: wanted.path ?? url.pathname + url.search,
  };
}

/** @throws TcpcloseError `unknown-host` */
export async function findPlace(place: Place): Promise<FoundPlace> {
  const address = isIP(place.host) === 0 ? await addressOf(place.host) : place.host;
  return { ...place, address, where: isOfThisMachine(address) ? 'here' : 'elsewhere' };
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function portOf(text: string, whole: string): number {
  const port = Number(text);
  if (port >= 1 && port <= 65_535) return port;
  throw badPlace(whole);
}

function badPlace(text: string): UsageError {
  return new UsageError(
    'bad-place',
    `"${text}" is neither a port nor a URL: give one such as 8080, http://127.0.0.1:8080/ or -- node server.js`,
  );
}

async function addressOf(host: string): Promise<string> {
  try {
    // Prefer IPv4, as most local clients do.
    const all = await lookup(host, { all: true });
    const first = all.find(({ family }) => family === 4) ?? all[0];
    if (first !== undefined) return first.address;
  } catch (error) {
    throw new TcpcloseError(
      'unknown-host',
      `"${host}" has no address (${messageOf(error)}): check the name`,
      error,
    );
  }
  throw new TcpcloseError('unknown-host', `"${host}" has no address: check the name`);
}

function isOfThisMachine(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((one) => canonicalAddress(one.address)),
  );
  const canonical = canonicalAddress(address) ?? address;
  return isLoopback(canonical) || own.includes(canonical);
}
