/** How long clients keep an idle connection in their pool by default. Each number has its source. */
export interface IdleClient {
  /** The name for sentences. */
  readonly label: string;
  /** null if it keeps a connection without a limit. */
  readonly idleMs: number | null;
  /** How much earlier than `Keep-Alive: timeout=` it gives up; null if it does not read that. */
  readonly hintMarginMs: number | null;
  /** How long such a hint can make the client keep a connection at most; absent if the hint can only shorten the client's own time. */
  readonly hintMostMs?: number;
  /** Where the number comes from. */
  readonly source: string;
  /** How to make it give up earlier. */
  readonly setting: string;
}

const node = 'https://nodejs.org/docs/latest-v22.x/api/http.html';

export const idleClients = {
  'aws-alb': {
    label: 'AWS Application Load Balancer',
    idleMs: 60_000,
    hintMarginMs: null,
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (idle_timeout.timeout_seconds)',
    setting:
      'aws elbv2 modify-load-balancer-attributes --attributes Key=idle_timeout.timeout_seconds,Value=<seconds>',
  },
  'google-alb': {
    label: 'Google Cloud Application Load Balancer',
    idleMs: 600_000,
    hintMarginMs: null,
    source:
      'https://cloud.google.com/load-balancing/docs/https (backend HTTP keepalive timeout: fixed at 600 s)',
    setting: 'it is fixed: change the server',
  },
  nginx: {
    label: 'nginx upstream',
    idleMs: 60_000,
    hintMarginMs: null,
    source: 'https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout',
    setting: 'upstream { keepalive_timeout <time>; }',
  },
  haproxy: {
    label: 'HAProxy backend',
    // Every pool-purge-delay (5 s), it closes half of the surplus idle connections. Connections have no limit of their own.
    idleMs: null,
    hintMarginMs: null,
    source:
      'https://docs.haproxy.org/2.6/configuration.html#5.2-pool-purge-delay (half of the excess every 5 s, no limit for one)',
    setting: 'http-reuse never, or retry-on conn-failure empty-response',
  },
  envoy: {
    label: 'Envoy cluster',
    idleMs: 3_600_000,
    hintMarginMs: null,
    source: 'https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts (idle_timeout: 1 hour)',
    setting: 'common_http_protocol_options.idle_timeout of the cluster',
  },
  go: {
    label: 'Go net/http, DefaultTransport',
    idleMs: 90_000,
    hintMarginMs: null,
    source: 'https://pkg.go.dev/net/http#DefaultTransport (IdleConnTimeout: 90 * time.Second)',
    setting: '&http.Transport{IdleConnTimeout: <duration>}',
  },
  undici: {
    label: "undici, Node's fetch",
    idleMs: 4000,
    hintMarginMs: 2000,
    hintMostMs: 600_000,
    source:
      'https://github.com/nodejs/undici/blob/main/docs/docs/api/Client.md (keepAliveTimeout: 4e3, keepAliveTimeoutThreshold: 2e3, keepAliveMaxTimeout: 600e3)',
    setting: 'new Agent({ keepAliveTimeout: <ms> })',
  },
  'node-agent': {
    label: "Node's http.globalAgent",
    idleMs: 5000,
    hintMarginMs: 1000,
    source: `${node}#httpglobalagent (keep-alive with a timeout of 5 s; a hint counts 1 s less, lib/_http_agent.js)`,
    setting: 'new http.Agent({ keepAlive: true, timeout: <ms> })',
  },
  'node-own-agent': {
    label: 'new http.Agent({ keepAlive: true })',
    idleMs: null,
    // Without its own timeout, Node's agent ignores the hint: lib/_http_agent.js, keepSocketAlive().
    hintMarginMs: null,
    source: `${node}#new-agentoptions (timeout: none by default)`,
    setting: 'new http.Agent({ keepAlive: true, timeout: <ms> })',
  },
  requests: {
    label: 'Python requests, urllib3',
    idleMs: null,
    hintMarginMs: null,
    source:
      'https://urllib3.readthedocs.io/en/stable/reference/urllib3.connectionpool.html (no idle timeout)',
    setting: 'HTTPAdapter(max_retries=Retry(...)): it has no idle timeout',
  },
  aiohttp: {
    label: 'Python aiohttp',
    idleMs: 15_000,
    hintMarginMs: null,
    source:
      'https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.TCPConnector (keepalive_timeout=15)',
    setting: 'TCPConnector(keepalive_timeout=<seconds>)',
  },
  httpx: {
    label: 'Python httpx',
    idleMs: 5000,
    hintMarginMs: null,
    source: 'https://www.python-httpx.org/advanced/resource-limits/ (keepalive_expiry: 5)',
    setting: 'httpx.Limits(keepalive_expiry=<seconds>)',
  },
  java: {
    label: 'java.net.http.HttpClient',
    idleMs: 30_000,
    hintMarginMs: null,
    source:
      'https://docs.oracle.com/en/java/javase/21/docs/api/java.net.http/module-summary.html (jdk.httpclient.keepalive.timeout: 30)',
    setting: '-Djdk.httpclient.keepalive.timeout=<seconds>',
  },
  dotnet: {
    label: '.NET SocketsHttpHandler',
    idleMs: 60_000,
    hintMarginMs: null,
    source:
      'https://learn.microsoft.com/dotnet/api/system.net.http.socketshttphandler.pooledconnectionidletimeout (1 minute since .NET 6)',
    setting: 'new SocketsHttpHandler { PooledConnectionIdleTimeout = <TimeSpan> }',
  },
} as const satisfies Record<string, IdleClient>;

export type ClientName = keyof typeof idleClients;
export const clientNames = Object.keys(idleClients) as readonly ClientName[];

/** The user's own client, by its idle timeout. */
export function ownClient(idleMs: number): IdleClient {
  return {
    label: 'the client',
    idleMs,
    hintMarginMs: null,
    source: '--client-idle',
    setting: "the client's own idle timeout",
  };
}
