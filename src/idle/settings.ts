import { formatSpan } from '../time.ts';
import type { Comparison } from './race.ts';

/** What to change so that the client gives up first. */
export interface Setting {
  /** The server program, or the client. */
  readonly of: string;
  readonly setting: string;
}

interface Server {
  readonly name: string;
  /** A pattern for the field `Server:` of an answer. */
  readonly says?: RegExp;
  /** A pattern for the command line of the process that listens. */
  readonly runs?: RegExp;
  setting(seconds: number): string;
}

// nginx.org ngx_http_core_module, httpd core, gunicorn settings, uvicorn settings, hypercorn configuration, nodejs.org http, pkg.go.dev net/http,
// docs.haproxy.org timeout http-keep-alive, puma DSL, learn.microsoft.com KestrelServerLimits, tomcat.apache.org config/http.
const servers: readonly Server[] = [
  {
    name: 'nginx',
    says: /^(nginx|openresty)/i,
    runs: /\bnginx\b/,
    setting: (s) => `keepalive_timeout ${s}s;`,
  },
  {
    name: 'Apache',
    says: /^Apache(?!-Coyote)/i,
    runs: /\b(httpd|apache2)\b/,
    setting: (s) => `KeepAliveTimeout ${s}`,
  },
  {
    name: 'gunicorn',
    says: /^gunicorn/i,
    runs: /\bgunicorn\b/,
    setting: (s) => `gunicorn --keep-alive ${s} (sync workers close after each answer)`,
  },
  {
    name: 'uvicorn',
    says: /^uvicorn/i,
    runs: /\buvicorn\b/,
    setting: (s) => `uvicorn --timeout-keep-alive ${s}`,
  },
  {
    name: 'hypercorn',
    says: /^hypercorn/i,
    runs: /\bhypercorn\b/,
    setting: (s) => `hypercorn --keep-alive ${s}`,
  },
  {
    name: 'Kestrel',
    says: /^Kestrel/i,
    setting: (s) => `options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(${s})`,
  },
  { name: 'puma', runs: /\bpuma\b/, setting: (s) => `persistent_timeout ${s}` },
  { name: 'HAProxy', runs: /\bhaproxy\b/, setting: (s) => `timeout http-keep-alive ${s}s` },
  {
    name: 'Tomcat',
    says: /^Apache-Coyote/i,
    runs: /\b(catalina|tomcat)\b/i,
    setting: (s) =>
      `<Connector keepAliveTimeout="${s}000">; Spring Boot: server.tomcat.keep-alive-timeout=${s}s`,
  },
  {
    name: 'Node',
    runs: /^\S*\b(node|nodejs|bun|deno)\b/,
    setting: (s) => `server.keepAliveTimeout = ${s}_000`,
  },
  { name: 'Go', setting: (s) => `&http.Server{IdleTimeout: ${s} * time.Second}` },
];

/** The usual margin: enough for both clocks and the way between them. */
const distanceS = 5;
const shownIfUnknown = ['Node', 'Go', 'nginx', 'gunicorn', 'uvicorn'];

/** The settings that end a race, the server's first: one of them is enough. */
export function settingsFor(
  { client, clientMs, verdict }: Comparison,
  server: { readonly says: string | null; readonly runs: string | null },
  serverMs: number | null,
): Setting[] {
  if (verdict !== 'race possible') return [];
  const known = servers.filter(
    ({ says, runs }) =>
      (server.says !== null && says?.test(server.says)) || (server.runs !== null && runs?.test(server.runs)),
  );
  const shown =
    known.length > 0 ? known.slice(0, 1) : servers.filter(({ name }) => shownIfUnknown.includes(name));
  const ofServer =
    clientMs === null
      ? []
      : shown.map(({ name, setting }) => ({
          of: name,
          setting: setting(Math.ceil(clientMs / 1000) + distanceS),
        }));
  const below = serverMs === null ? '' : ` (less than ${formatSpan(serverMs)})`;
  return [...ofServer, { of: client.label, setting: `${client.setting}${below}` }];
}
