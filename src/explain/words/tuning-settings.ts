import type { Entry } from './entry.ts';

/** Settings of memory, of retransmissions, of UDP and of conntrack. */
export const tuningSettings: readonly Entry[] = [
  [
    'net.ipv4.tcp_syn_retries',
    'How many times the SYN of connect() is retransmitted before connect() fails with ETIMEDOUT.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.ip_autobind_reuse',
    'With 1, bind() to port 0 may choose a port that another socket with SO_REUSEADDR has, when all ports are in use. Dangerous: connect() to the same destination then fails. New in Linux 5.7.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_synack_retries',
    'How many times a listener retransmits its answer to a SYN before it forgets the half-open connection.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_retries1',
    'After how many retransmissions without an answer the kernel looks for another route.',
    'ip-sysctl; RFC 1122 section 4.2.3.5',
    [],
  ],
  [
    'net.ipv4.tcp_rto_min_us',
    'The shortest retransmission timeout, in microseconds. New in Linux 6.11; a route can set its own.',
    'ip-sysctl',
    ['rto-does-not-matter'],
  ],
  [
    'net.ipv4.tcp_mem',
    'Three limits, in pages, for the memory of all TCP sockets: below the first the kernel does not care, above the second it saves memory, at the third it refuses it.',
    'tcp(7); ip-sysctl',
    ['memory'],
  ],
  [
    'net.ipv4.tcp_rmem',
    'The smallest, usual and largest receive buffer of a connection, in bytes. Data that fits in it is accepted even if the program does not read.',
    'tcp(7); ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_wmem',
    'The smallest, usual and largest send buffer of a connection, in bytes. A write that fits in it returns before its data is sent.',
    'tcp(7); ip-sysctl',
    ['nothing-lost'],
  ],
  [
    'net.core.rmem_max',
    'The largest receive buffer that SO_RCVBUF can ask for, in bytes.',
    'socket(7); Documentation/admin-guide/sysctl/net.rst',
    [],
  ],
  [
    'net.core.wmem_max',
    'The largest send buffer that SO_SNDBUF can ask for, in bytes.',
    'socket(7); Documentation/admin-guide/sysctl/net.rst',
    [],
  ],
  [
    'net.ipv4.tcp_invalid_ratelimit',
    'How many milliseconds pass at least between two answers to segments that do not fit a connection.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_challenge_ack_limit',
    'How many challenge ACKs a second the kernel sends at most.',
    'ip-sysctl; RFC 5961',
    [],
  ],
  [
    'net.ipv4.tcp_fastopen',
    'Whether data may go with the SYN: 1 for clients, 2 for servers, 3 for both.',
    'ip-sysctl; RFC 7413',
    [],
  ],
  [
    'net.ipv4.tcp_sack',
    'Whether a receiver says which segments beyond a gap have arrived.',
    'ip-sysctl; RFC 2018',
    [],
  ],
  ['net.ipv4.tcp_window_scaling', 'Whether windows may be larger than 64 KiB.', 'ip-sysctl; RFC 7323', []],
  [
    'net.ipv4.tcp_slow_start_after_idle',
    'Whether a connection starts slowly again after it was idle.',
    'ip-sysctl; RFC 2861',
    [],
  ],
  [
    'net.ipv4.ip_nonlocal_bind',
    'Whether bind() succeeds for an address that this machine does not have (yet), which otherwise gives EADDRNOTAVAIL.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv6.bindv6only',
    'Whether a socket that is bound to :: leaves IPv4 alone if it does not set IPV6_V6ONLY itself.',
    'ipv6(7); ip-sysctl',
    ['dual-stack'],
  ],
  [
    'net.netfilter.nf_conntrack_max',
    'How many connections are tracked at once, for NAT and stateful firewalls; beyond that new ones are dropped.',
    'Documentation/networking/nf_conntrack-sysctl.rst',
    [],
  ],
  [
    'net.netfilter.nf_conntrack_count',
    'How many connections are tracked now.',
    'Documentation/networking/nf_conntrack-sysctl.rst',
    [],
  ],
  [
    'net.netfilter.nf_conntrack_tcp_timeout_established',
    'How many seconds a tracked connection may be idle; then NAT forgets it, and its next segment goes nowhere or is refused. Keep-alive must be faster.',
    'Documentation/networking/nf_conntrack-sysctl.rst',
    ['keepalive'],
  ],
  [
    'net.netfilter.nf_conntrack_tcp_timeout_time_wait',
    'How many seconds a connection in TIME_WAIT stays tracked. It does not change the TIME_WAIT of the kernel.',
    'Documentation/networking/nf_conntrack-sysctl.rst',
    [],
  ],
  [
    'kernel.yama.ptrace_scope',
    'Who may inspect processes of the same user: 0 everybody, 1 their ancestors, 2 root, 3 nobody. From 1 on options of sockets of other processes cannot be read without root.',
    'Documentation/admin-guide/LSM/Yama.rst',
    [],
  ],
];
