import type { Entry } from './entry.ts';

/** Settings of the kernel. */
export const settings: readonly Entry[] = [
  [
    'net.ipv4.tcp_fin_timeout',
    'How long, in seconds, an orphaned FIN_WAIT2 is kept. It does not change TIME_WAIT, which lasts 60 s on every Linux.',
    'ip-sysctl',
    ['fin-timeout-is-not-2msl', 'fin-wait2-orphan'],
  ],
  [
    'net.ipv4.tcp_timestamps',
    'Whether segments carry timestamps. They distinguish new segments from old ones (PAWS), and allow a pair in TIME_WAIT to be reused.',
    'ip-sysctl; RFC 7323',
    ['same-pair-without-timestamps'],
  ],
  [
    'net.ipv4.tcp_tw_reuse',
    'Whether the kernel may give an outgoing connection a port that is in TIME_WAIT: 0 never, 1 always after a second, 2 only on loopback. It needs timestamps, and does nothing for servers.',
    'ip-sysctl; Linux: tcp_twsk_unique()',
    ['tw-reuse', 'tw-reuse-elsewhere', 'tw-reuse-without-timestamps'],
  ],
  [
    'net.ipv4.tcp_tw_reuse_delay',
    'How many milliseconds a TIME_WAIT must be old before tcp_tw_reuse gives its port away. New in Linux 6.15; a second before that.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_tw_recycle',
    'Removed in Linux 4.12: it dropped connections of several clients behind one address.',
    'Linux commit 4396e46187ca',
    ['tw-recycle-is-gone'],
  ],
  [
    'net.ipv4.tcp_max_tw_buckets',
    'How many TIME_WAITs are kept at once; beyond that a connection that would enter TIME_WAIT is removed at once, and TCPTimeWaitOverflow counts it.',
    'ip-sysctl',
    ['bucket-limit', 'without-time-wait-by-force'],
  ],
  [
    'net.ipv4.tcp_rfc1337',
    'Whether TIME_WAIT ignores a RST, so that old segments cannot end it.',
    'ip-sysctl; RFC 1337',
    ['assassination'],
  ],
  [
    'net.ipv4.ip_local_port_range',
    'The ports that the kernel gives to outgoing connections. If the port of a server lies in this range, a client may already use it.',
    'ip-sysctl',
    ['ephemeral-client-blocks', 'ports-run-out'],
  ],
  [
    'net.ipv4.ip_local_reserved_ports',
    'Ports of ip_local_port_range that the kernel does not give to clients: add the port of a server that lies in the range.',
    'ip-sysctl',
    ['ephemeral-client-blocks'],
  ],
  [
    'net.ipv4.tcp_orphan_retries',
    'How many times a FIN or data of a socket without a process is retransmitted before the kernel gives it up; 0 means 8.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_retries2',
    'How many times data is retransmitted before the kernel gives up the connection.',
    'ip-sysctl; RFC 1122 section 4.2.3.5',
    [],
  ],
  [
    'net.ipv4.tcp_keepalive_time',
    'How many seconds without traffic pass before the first keepalive probe, if SO_KEEPALIVE is on.',
    'ip-sysctl',
    ['keepalive'],
  ],
  [
    'net.core.somaxconn',
    'The longest accept queue that listen() can ask for.',
    'ip-sysctl; listen(2)',
    ['tour'],
  ],
  [
    'net.core.netdev_max_backlog',
    'How many received packets of one CPU may wait to be processed. It has nothing to do with the backlog of listen().',
    'Documentation/admin-guide/sysctl/net.rst',
    [],
  ],
  [
    'net.ipv4.tcp_max_syn_backlog',
    'How many connections in SYN_RECV a listener keeps if tcp_syncookies is 0: new SYNs are dropped from three quarters of it on, unless their host is known. The backlog of listen() limits them in any case; beyond it SYNs are answered with cookies.',
    'ip-sysctl; Linux: tcp_conn_request()',
    [],
  ],
  [
    'net.ipv4.tcp_syncookies',
    'Whether a listener whose queue of half-open connections is full answers SYNs with cookies instead of dropping them: 0 never, 1 when it is full, 2 always. A cookie carries the state of the connection, so a flood of SYNs takes no memory.',
    'ip-sysctl; RFC 4987',
    [],
  ],
  [
    'net.ipv4.tcp_abort_on_overflow',
    'Whether a listener whose accept queue is full sends RST (1) or stays silent, so the client tries again (0).',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_migrate_req',
    'Whether connections that wait to be accepted go to another listener of the port when theirs closes (1), if both have SO_REUSEPORT, or are reset (0). A restart without lost connections needs it, unless a BPF program chooses the listener. New in Linux 5.14.',
    'ip-sysctl; Linux: inet_csk_listen_stop()',
    ['migrated-queue', 'accept-queue-reset', 'reuse-port'],
  ],
  [
    'net.ipv4.ip_unprivileged_port_start',
    'The first port that a process without privileges may bind; below it bind fails with EACCES.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_keepalive_intvl',
    'How many seconds pass between two keepalive probes that get no answer.',
    'ip-sysctl',
    ['keepalive'],
  ],
  [
    'net.ipv4.tcp_keepalive_probes',
    'How many keepalive probes may stay unanswered before the kernel gives up the connection.',
    'ip-sysctl',
    ['keepalive'],
  ],
  [
    'net.ipv4.tcp_max_orphans',
    'How many sockets without a process the kernel keeps; beyond that they are reset. TIME_WAIT does not count.',
    'ip-sysctl; Linux: tcp_too_many_orphans()',
    [],
  ],
];
