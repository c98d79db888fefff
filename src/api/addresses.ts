import { isIP } from 'node:net';
import { type Endpoint, uncarried } from '../address.ts';
import { UsageError } from '../errors.ts';

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UsageError('bad-port', `"${text}" is not a port: give a number from 1 to 65535`);
}

/** An IP address, with a zone if it needs one; `localhost` is 127.0.0.1. */
export function parseHost(text: string): string {
  if (text === 'localhost') return '127.0.0.1';
  const address = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0) return uncarried(address);
  throw new UsageError(
    'bad-host',
    `"${text}" is not an IP address: give one of this machine, such as 127.0.0.1 or ::1`,
  );
}

/** `8080` (on 127.0.0.1), `127.0.0.1:8080` or `[::1]:8080`. */
export function endpointOf(text: string): Endpoint {
  const [, host = '127.0.0.1', port = ''] = /^(?:(.*):)?([^:]*)$/.exec(text) ?? [];
  return { address: parseHost(host), port: parsePort(port) };
}
