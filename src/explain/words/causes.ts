import type { Entry } from './entry.ts';

const byRestart = 'tcpclose restart; docs/restart.md';
const byReload = 'tcpclose restart --reload; docs/loss.md';
const byAudit = 'tcpclose audit; docs/audit.md';
const byWhy = 'tcpclose why; docs/why.md';

/** The names of what restart, audit and why find. */
export const causes: readonly Entry[] = [
  [
    'no-reuse-address',
    'A server listens, or listened, without SO_REUSEADDR: connections that it leaves behind block the port for its next start: in FIN_WAIT2 for up to 60 s, then in TIME_WAIT for another 60 s, and as long as a process has one open. Set the option before bind() in every start.',
    byRestart,
    ['server-first', 'old-and-new', 'only-one-side'],
  ],
  [
    'surviving-listener',
    'A process of the old server still listens after its end: a child that inherited the listener, or a worker without its master. SO_REUSEADDR does not help against a listener: end that process, or open the listener with close-on-exec.',
    byRestart,
    ['inherited-listener'],
  ],
  [
    'surviving-connection',
    'A process of the old server still has a connection of the port, and one of the sockets lacks SO_REUSEADDR. With the option in every start the connection does not block it.',
    byRestart,
    ['old-and-new'],
  ],
  [
    'signal-ignored',
    'The old server does not act on the signal: it ignores it, or it is the first process of a container without a handler. Handle SIGTERM, or start it below an init.',
    `${byRestart}; signal(7), pid_namespaces(7)`,
    [],
  ],
  [
    'first-process',
    'The server is the first process of a container (pid 1) and does not handle the signal: the kernel drops it there, though it would end any other process. Handle SIGTERM, or start it below an init (podman run --init, docker run --init).',
    `${byRestart}; pid_namespaces(7)`,
    [],
  ],
  [
    'signal-not-passed-on',
    'A shell is the first process of a container, for example with sh -c "node server.js; true": the signal reaches only the shell, which does not pass it on. Start the server in its place with exec, or by CMD ["node", "server.js"].',
    `${byRestart}; pid_namespaces(7)`,
    [],
  ],
  [
    'still-running',
    'The old server acts on the signal and does not end in time, as a rule because it waits for open connections. End idle ones, and set a limit for the others.',
    byRestart,
    ['close-or-shutdown'],
  ],
  [
    'port-taken-by-other',
    'Another program has the port at the second start: a client that got it as its ephemeral port, or a server that was started in between.',
    byRestart,
    ['ephemeral-client-blocks'],
  ],
  [
    'exited-otherwise',
    'The second start ended for a reason that is not the port: read what it printed.',
    byRestart,
    [],
  ],
  [
    'taken-by-first',
    'In a handover the second start cannot bind, because the first one still has the port: set SO_REUSEPORT in every start before bind(), or hand over the same listener.',
    byReload,
    [],
  ],
  [
    'listener-not-taken',
    'With --listen-fds the second start binds the port itself, instead of taking the listener that it was passed: open descriptor 3 (sd_listen_fds(3)).',
    byReload,
    [],
  ],
  [
    'no-successor',
    'After the signal of a handover no new process listened: the server has not started its successor, or that could not listen.',
    byReload,
    [],
  ],
  [
    'ends-at-reload',
    'The signal or command that should reload the server ended it. Send the one with which it reloads, such as HUP of nginx and gunicorn or USR2 of haproxy -W.',
    byReload,
    [],
  ],
  [
    'no-answer-after-reload',
    'After a reload the server runs and does not answer a new connection: its new configuration or its new workers fail. Look at its output.',
    byReload,
    [],
  ],
  [
    'reload-failed',
    'The command that reloads the server ended with an error, or did not end. Run it by hand beside the server.',
    byReload,
    [],
  ],
  [
    'racy',
    'The restart fails only in some rounds: something holds the port for a moment, and whether it is over depends on the time that the second start takes.',
    byRestart,
    [],
  ],
  [
    'accept-queue',
    'A listener has connections in its accept queue that its process does not accept: it is stopped, hangs, or is too slow.',
    `${byAudit}; listen(2)`,
    ['two-thousand'],
  ],
  [
    'overflows',
    'Accept queues overflow now: ListenOverflows grows. Clients wait for a timeout or try again.',
    `${byAudit}; Linux: tcp_conn_request()`,
    ['two-thousand'],
  ],
  [
    'ephemeral-ports',
    'The ports that clients get run out towards one destination: connect() then fails with EADDRNOTAVAIL.',
    `${byAudit}; ip(7)`,
    ['ports-run-out'],
  ],
  [
    'close-wait',
    'A process keeps connections that their other side has closed: it leaks them if it has read their end, and hangs if it has not.',
    byAudit,
    ['close-wait-leak'],
  ],
  [
    'fin-wait2',
    'A process has closed its direction of a connection, and the other side does not close: it is at fault, or a half-close is meant.',
    byAudit,
    ['fin-wait2-half-close'],
  ],
  [
    'unfinished',
    'The other side does not acknowledge the end of connections (FIN_WAIT1, CLOSING, LAST_ACK): it is gone, or does not read.',
    byAudit,
    ['fin-wait1-held', 'last-ack', 'closing'],
  ],
  [
    'unanswered',
    'Data is not acknowledged, or the other side does not read: the timer of the retransmissions or of zero-window probes grows.',
    byAudit,
    ['cable-out', 'host-gone'],
  ],
  [
    'unread',
    'A process does not read what the other side sends: its receive buffer is full, its window zero, and the other side waits without end.',
    byAudit,
    ['fin-wait1-held'],
  ],
  [
    'idle',
    'Idle connections without SO_KEEPALIVE: if the other side is gone without FIN, this side never notices.',
    `${byAudit}; socket(7)`,
    ['host-gone', 'keepalive'],
  ],
  [
    'orphans',
    'The connections without a process approach tcp_max_orphans, beyond which the kernel resets them.',
    byAudit,
    ['fin-wait2-orphan'],
  ],
  [
    'conntrack',
    'The table of tracked connections (NAT, stateful firewalls) is nearly full: new connections are dropped beyond nf_conntrack_max.',
    `${byAudit}; Documentation/networking/nf_conntrack-sysctl.rst`,
    [],
  ],
  [
    'nat-rule',
    'A rule of NAT sends connections for a port elsewhere before its listener gets them.',
    `${byAudit}; nft(8)`,
    [],
  ],
  [
    'shadowed',
    'Two programs listen on one port, by address family or by a specific address: which one answers depends on the address that a client takes.',
    `${byWhy}; ${byAudit}`,
    ['wildcard-and-specific', 'dual-stack'],
  ],
  [
    'shared-port',
    'Programs that do not belong together share a port by SO_REUSEPORT: the kernel distributes the clients among them.',
    `${byAudit}; socket(7)`,
    ['reuse-port'],
  ],
  [
    'time-waits',
    'The TIME_WAITs approach tcp_max_tw_buckets. Thousands of them are harmless below that.',
    byAudit,
    ['bucket-limit', 'memory'],
  ],
  [
    'all-addresses',
    'A service that is meant for this machine listens on all addresses, so others can reach it.',
    byAudit,
    ['wildcard-and-specific'],
  ],
  [
    'in-range',
    'A server listens on a port of ip_local_port_range: while it is down the kernel may give the port to a client.',
    byAudit,
    ['ephemeral-client-blocks'],
  ],
  [
    'settings',
    'A setting of the kernel does harm, or does not do what it is set for.',
    byAudit,
    ['fin-timeout-is-not-2msl', 'tw-recycle-is-gone'],
  ],
  ['held', 'A bind to the port without SO_REUSEADDR fails with EADDRINUSE.', byWhy, ['server-first']],
  ['free', 'A bind to the port succeeds.', byWhy, []],
  [
    'forbidden',
    'Nothing holds the port, and this user may not bind it: below ip_unprivileged_port_start that needs CAP_NET_BIND_SERVICE.',
    `${byWhy}; ip(7), capabilities(7)`,
    [],
  ],
  [
    'leaking',
    'A process keeps connections in CLOSE_WAIT: their other side has closed seconds ago or longer, and nothing is sent any more.',
    byWhy,
    ['close-wait-leak'],
  ],
  [
    'overflowing',
    'The accept queue of a listener is full: the port is open, and new clients see a timeout.',
    `${byWhy}; listen(2)`,
    ['two-thousand'],
  ],
  ['out of ports', 'The ephemeral ports towards a destination are used up.', byWhy, ['ports-run-out']],
  ['redirected', 'A rule of NAT takes the port: its connections go elsewhere.', `${byWhy}; nft(8)`, []],
  [
    'remote',
    'The port is free here, and clients of this machine use that port of a service elsewhere.',
    byWhy,
    [],
  ],
  [
    'stale',
    'The file of a Unix socket that no process has any more: bind() fails until it is removed, and connect() is refused.',
    `${byWhy}; unix(7)`,
    [],
  ],
];
