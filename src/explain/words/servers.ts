import type { Entry } from './entry.ts';

/** How long other servers and proxies keep an idle connection. The server must be the one that keeps it longer. */
const keepers = [
  [
    'gunicorn',
    '2 s with the worker class gthread; sync workers close after each response',
    '--keep-alive',
    'docs.gunicorn.org: keepalive',
  ],
  ['uvicorn', '5 s', '--timeout-keep-alive', 'uvicorn.org: Settings, Timeouts'],
  ['apache', '5 s', 'KeepAliveTimeout', 'httpd.apache.org: core, KeepAliveTimeout'],
  [
    'tomcat',
    '20 s with the default server.xml, as connectionTimeout',
    'keepAliveTimeout of the Connector',
    'tomcat.apache.org: HTTP Connector',
  ],
  ['puma', '65 s since version 7, 20 s before', 'persistent_timeout', 'puma.io: persistent_timeout'],
] as const;

const proxies = [
  [
    'aws-nlb',
    '350 s; after that it forgets the connection and answers with RST',
    'tcp.idle_timeout.seconds',
    'AWS: Network Load Balancers, Connection idle timeout',
  ],
  [
    'traefik',
    '90 s towards servers',
    'forwardingTimeouts.idleConnTimeout',
    'doc.traefik.io: ServersTransport',
  ],
  [
    'caddy',
    '2 min towards servers',
    'keepalive of reverse_proxy',
    'caddyserver.com: reverse_proxy, keepalive',
  ],
] as const;

export const servers: readonly Entry[] = [
  ...keepers.map(
    ([name, idle, setting, source]): Entry => [
      name,
      `A server that keeps an idle connection for ${idle} (${setting}). A proxy or a pool in front of it must give up idle connections earlier, or else a request may meet a closed connection.`,
      source,
      ['keep-alive-race'],
    ],
  ),
  ...proxies.map(
    ([name, idle, setting, source]): Entry => [
      name,
      `A proxy that keeps an idle connection for ${idle} (${setting}). A server behind it must keep idle connections longer, or else a request may meet a closed connection.`,
      source,
      ['proxy-reuses-dead-connection'],
    ],
  ),
];
