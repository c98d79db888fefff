import type { Entry } from './entry.ts';

const conntrack = 'nf_conntrack-sysctl';

function tracked(state: string, meaning: string, shownBy: readonly string[] = []): Entry {
  return [
    `net.netfilter.nf_conntrack_tcp_timeout_${state}`,
    `How many seconds conntrack remembers a connection ${meaning}. Then NAT and stateful firewalls drop its segments.`,
    conntrack,
    shownBy,
  ];
}

/** Settings that people look at when connections end badly. */
export const moreSettings: readonly Entry[] = [
  tracked('close_wait', 'whose one side has ended; a half-close that takes longer breaks', [
    'fin-wait2-half-close',
  ]),
  tracked('fin_wait', 'after the first FIN', ['fin-wait2-half-close']),
  tracked('last_ack', 'after the second FIN', ['last-ack']),
  tracked('close', 'after a RST', ['reset']),
  tracked('syn_sent', 'that is not answered yet'),
  tracked('syn_recv', 'whose handshake is not complete'),
  tracked('unacknowledged', 'with data that is not acknowledged'),
  tracked('max_retrans', 'after nf_conntrack_tcp_max_retrans retransmissions'),
  [
    'net.netfilter.nf_conntrack_tcp_loose',
    'Whether conntrack takes up a connection of which it did not see the handshake, as after a restart of the machine in between.',
    conntrack,
    [],
  ],
  [
    'net.netfilter.nf_conntrack_tcp_be_liberal',
    'With 1, conntrack does not call segments outside the window invalid. Invalid ones pass NAT untranslated, and the other side answers them with RST.',
    conntrack,
    [],
  ],
  ['net.netfilter.nf_conntrack_buckets', 'The size of the hash table of conntrack.', conntrack, []],
  [
    'net.ipv4.tcp_rto_max_ms',
    'The longest timeout between two retransmissions, 120 s by default. New in Linux 6.15.',
    'ip-sysctl',
    ['host-gone'],
  ],
  [
    'net.ipv4.tcp_thin_linear_timeouts',
    'With 1, a connection with few segments on their way does not double its timeout for the first 6 retransmissions.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_syn_linear_timeouts',
    'How many times the SYN is retransmitted at the same pace before the timeout doubles. New in Linux 6.5.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_notsent_lowat',
    'A socket is writable only while less than this is waiting to be sent for the first time: less is lost at a close with RST.',
    'ip-sysctl',
    ['linger-zero'],
  ],
  [
    'net.ipv4.tcp_moderate_rcvbuf',
    'With 1, the kernel adapts the receive buffer, and so the window, to what the program reads.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_shrink_window',
    'With 1, the kernel may take back a window that it has offered, when memory is short. New in Linux 6.5.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_congestion_control',
    'How a new connection finds its speed, such as cubic or bbr. It changes nothing about closing.',
    'ip-sysctl; tcp(7)',
    [],
  ],
  [
    'net.ipv4.tcp_no_metrics_save',
    'With 0, the kernel remembers round-trip times and thresholds of a destination when a connection ends.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_ecn',
    'Whether routers may mark segments instead of dropping them (ECE, CWR).',
    'ip-sysctl; RFC 3168',
    [],
  ],
  [
    'net.ipv4.tcp_frto',
    'Finds timeouts that were not due to a loss, as on a wireless link.',
    'ip-sysctl; RFC 5682',
    [],
  ],
  [
    'net.ipv4.tcp_early_retrans',
    'Tail loss probes: the last segment, such as a FIN, is repeated before the timeout.',
    'ip-sysctl; RFC 8985',
    ['fin-lost'],
  ],
  [
    'net.ipv4.tcp_autocorking',
    'With 1, small writes wait until earlier segments have left the machine, and go together.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.conf.all.route_localnet',
    'With 1, a rule of NAT may lead other machines to 127.0.0.1: kube-proxy sets it for services on node ports.',
    'ip-sysctl',
    [],
  ],
  [
    'fs.file-max',
    'How many open files the whole machine may have. Beyond it accept() and socket() fail with ENFILE.',
    'proc_sys_fs(5)',
    ['descriptors-come-back'],
  ],
  [
    'fs.nr_open',
    'The greatest limit of descriptors that a process may get (RLIMIT_NOFILE, "ulimit -n"). At its limit accept() fails with EMFILE.',
    'proc_sys_fs(5)',
    ['descriptors-come-back'],
  ],
];
