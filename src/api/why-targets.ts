import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { uncarried } from '../address.ts';
import { type UnixName, unixNameOf } from '../diagnose/unix/unix-diagnosis.ts';
import { UsageError } from '../errors.ts';
import { parsePort } from './addresses.ts';

/** What the question is about: a port, perhaps on one address, or the name of a Unix socket. */
export type WhyTarget =
  | { readonly kind: 'port'; readonly port: number; readonly host: string | undefined }
  | { readonly kind: 'socket'; readonly name: UnixName };

/** `8080`, `:8080`, `localhost:8080`, `127.0.0.1:8080`, `[::1]:8080`, a URL, `/run/app.sock`, `@abstract`. */
export function parseTarget(text: string): WhyTarget {
  const name = unixNameOf(text);
  if (name !== undefined) return { kind: 'socket', name };
  const url = /^([a-z][a-z\d+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(text);
  if (url === null) return endpointOf(text, text, undefined);
  const [, scheme = '', authority = ''] = url;
  return endpointOf(text, authority, schemePorts[scheme.toLowerCase()]);
}

const schemePorts: Readonly<Record<string, string>> = {
  ...{ http: '80', https: '443', ws: '80', wss: '443', ftp: '21', ssh: '22', smtp: '25' },
  ...{ postgres: '5432', postgresql: '5432', mysql: '3306', redis: '6379', rediss: '6379', amqp: '5672' },
  ...{ mongodb: '27017', nats: '4222', mqtt: '1883' },
};

function endpointOf(text: string, authority: string, usual: string | undefined): WhyTarget {
  // An IPv6 address without brackets has colons as well.
  const [, host = '', port = usual ?? ''] =
    /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(authority) ??
    (usual === undefined ? [null, '', authority] : [null, authority.replace(/:$/, '')]);
  if (usual === undefined && host === '' && !/^\d+$/.test(port)) throw notATarget(text);
  return { kind: 'port', port: parsePort(port), host: hostOf(host, port) };
}

/** undefined means all addresses, as a name of this machine does. */
function hostOf(host: string, port: string): string | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address.split('%')[0] ?? '') !== 0) return uncarried(address);
  if (['', '*', 'localhost', hostname().toLowerCase()].includes(host.toLowerCase())) return undefined;
  throw new UsageError(
    'bad-target',
    `"${host}" names another machine: give the port alone to see the connections of this machine to it (tcpclose why ${port}), or look there with --on 'ssh ${host}'`,
  );
}

function notATarget(text: string): UsageError {
  return new UsageError(
    'bad-port',
    `"${text}" is not a port: give a number from 1 to 65535, host:port, a URL, or the path of a Unix socket`,
  );
}
