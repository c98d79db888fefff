/** The words of closing connections, in plain language. What is said of the present machine is looked up, not written here. */

export type WordKind = 'state' | 'errno' | 'socket option' | 'setting';

export interface Word {
  readonly name: string;
  readonly kind: WordKind;
  readonly text: string;
  readonly source: string;
  /** The scenarios that show it. */
  readonly shownBy: readonly string[];
}

type Entry = readonly [name: string, text: string, source: string, shownBy: readonly string[]];

const states: readonly Entry[] = [
  [
    'LISTEN',
    'A server waits for connections. Its port can be bound by nobody else, except where all of them have SO_REUSEPORT.',
    'RFC 9293 section 3.3.2',
    ['tour', 'wildcard-and-specific', 'reuse-port'],
  ],
  [
    'SYN_SENT',
    'A client has sent SYN and has no answer yet: nobody is there, a firewall is silent, or the accept queue of the server is full.',
    'RFC 9293 section 3.5',
    ['tour'],
  ],
  [
    'SYN_RECV',
    'A server has answered a SYN and waits for the ACK that completes the connection.',
    'RFC 9293 section 3.5',
    ['tour'],
  ],
  [
    'ESTABLISHED',
    'The connection is open in both directions.',
    'RFC 9293 section 3.3.2',
    ['tour', 'close-or-shutdown'],
  ],
  [
    'FIN_WAIT1',
    'This side has closed first, and its FIN is not acknowledged yet. Usually over within milliseconds; it stays if the FIN is lost or waits behind data that the other side does not read.',
    'RFC 9293 section 3.6',
    ['fin-wait1-held', 'simultaneous'],
  ],
  [
    'FIN_WAIT2',
    'This side has closed first and knows that its FIN arrived; the other side has not closed. It may still send. Without a process the kernel gives it up after tcp_fin_timeout; with one it stays.',
    'RFC 9293 section 3.6; tcp(7)',
    ['server-first', 'fin-wait2-half-close', 'fin-wait2-orphan'],
  ],
  [
    'CLOSE_WAIT',
    'The other side has closed, and this program has not: it is still at work, or it has forgotten to close. No timer ends this state. Many of them are a leak in the program, not in the kernel.',
    'RFC 9293 section 3.6',
    ['close-wait-leak', 'server-first'],
  ],
  [
    'LAST_ACK',
    'This side has closed second and waits for the acknowledgment of its FIN; then it is gone, without waiting.',
    'RFC 9293 section 3.6',
    ['last-ack', 'lost-last-ack'],
  ],
  [
    'CLOSING',
    'Both sides have closed before either knew of it: the FIN of the other side is here, the answer to the own one is not.',
    'RFC 9293 section 3.6, figure 13',
    ['closing', 'simultaneous'],
  ],
  [
    'TIME_WAIT',
    'This side closed first, and all is done. The kernel keeps the pair for a minute, without any process, to answer a FIN that comes again and to let old segments die. It keeps a server from binding its port where SO_REUSEADDR is missing on either the old or the new socket. It does no harm by itself.',
    'RFC 9293 section 3.4.2 and 3.6.1',
    ['server-first', 'only-one-side', 'old-and-new', 'lost-last-ack', 'how-long'],
  ],
  [
    'CLOSED',
    'There is no connection: the state that shows by its absence.',
    'RFC 9293 section 3.3.2',
    ['tour'],
  ],
];

const errnos: readonly Entry[] = [
  [
    'EADDRINUSE',
    '"Address already in use": bind or listen met another socket on the port. That need not be a listener: connections of an earlier server block the port as well, for up to a minute, if the old or the new socket lacks SO_REUSEADDR. Node says "listen EADDRINUSE" when bind fails, too.',
    'bind(2), listen(2); Linux: inet_csk_get_port()',
    ['server-first', 'old-and-new', 'ephemeral-client-blocks', 'client-port'],
  ],
  [
    'EADDRNOTAVAIL',
    '"Cannot assign requested address": bind was given an address that this machine does not have; or connect found no free port, or the very pair of ports still in use.',
    'bind(2), connect(2)',
    ['same-pair-without-timestamps'],
  ],
  [
    'ECONNRESET',
    '"Connection reset by peer": the other side sent RST: it died or closed with data unread, closed with SO_LINGER and 0 seconds, or knew nothing of the connection any more.',
    'RFC 9293 section 3.10.7.4; recv(2)',
    ['unread-data-resets', 'linger-zero', 'with-unread-data', 'repeated-fin-meets-reset'],
  ],
  [
    'EPIPE',
    '"Broken pipe": a write on a connection that cannot send any more, since its own side has shut down or an earlier error has ended it.',
    'send(2)',
    ['write-after-close', 'fin-wait2-half-close'],
  ],
  [
    'ETIMEDOUT',
    '"Connection timed out": nothing was acknowledged for too long, and the kernel gave the connection up.',
    'tcp(7), TCP_USER_TIMEOUT',
    ['user-timeout'],
  ],
  [
    'ECONNREFUSED',
    '"Connection refused": nobody listens on that port; a RST answered the SYN.',
    'connect(2)',
    [],
  ],
  [
    'EAGAIN',
    '"Resource temporarily unavailable": a call would have to wait, and may not, or has waited as long as SO_RCVTIMEO or SO_SNDTIMEO let it. The connection is as well as before.',
    'recv(2), send(2), socket(7)',
    ['socket-timeouts'],
  ],
];

const options: readonly Entry[] = [
  [
    'SO_REUSEADDR',
    'Lets bind pass over connections of an earlier server, if the sockets they come from had it, too; never over a listener. Set it before bind, in every start. Node sets it on every server by itself, and not on clients.',
    'socket(7); Linux: inet_bind_conflict()',
    ['old-and-new', 'server-first', 'client-port'],
  ],
  [
    'SO_REUSEPORT',
    'Lets several sockets of one user bind the same port, listeners included, if all of them have it.',
    'socket(7)',
    ['reuse-port'],
  ],
  [
    'SO_LINGER',
    'What close() does with data that is not sent yet. Off: it returns at once, and the kernel delivers. On with 0 seconds: everything unsent is thrown away, and RST is sent. On with n seconds: close() waits up to n seconds.',
    'socket(7)',
    ['linger-zero', 'linger-zero-empty', 'linger-blocks'],
  ],
  [
    'SO_KEEPALIVE',
    'Has the kernel ask the other side from time to time whether it is still there, when nothing is sent. Off by default, and the first question comes after two hours.',
    'socket(7), tcp(7)',
    [],
  ],
  [
    'SO_RCVTIMEO',
    'How long a receive may wait: then it fails with EAGAIN, and the connection goes on.',
    'socket(7)',
    ['socket-timeouts'],
  ],
  [
    'TCP_USER_TIMEOUT',
    'How long, in milliseconds, what was sent may stay unacknowledged before the kernel gives the connection up. 0: as long as tcp_retries2 says.',
    'tcp(7); RFC 5482',
    ['user-timeout'],
  ],
  [
    'TCP_LINGER2',
    'How long, in seconds, the orphaned FIN_WAIT2 of this socket lives; tcp_fin_timeout if not set.',
    'tcp(7)',
    ['without-time-wait'],
  ],
  ['TCP_DEFER_ACCEPT', 'Leaves a connection in SYN_RECV until its first data arrive.', 'tcp(7)', ['tour']],
  [
    'IPV6_V6ONLY',
    'Whether a socket that is bound to :: leaves IPv4 alone. If not, it holds the port of IPv4, too.',
    'ipv6(7)',
    ['dual-stack'],
  ],
];

const settings: readonly Entry[] = [
  [
    'net.ipv4.tcp_fin_timeout',
    'How long, in seconds, an orphaned FIN_WAIT2 is kept. It does not change TIME_WAIT, which is a minute in every Linux.',
    'ip-sysctl',
    ['fin-timeout-is-not-2msl', 'fin-wait2-orphan'],
  ],
  [
    'net.ipv4.tcp_timestamps',
    'Whether segments carry timestamps. They tell new segments from old ones (PAWS), and let a pair in TIME_WAIT be used again.',
    'ip-sysctl; RFC 7323',
    ['same-pair-without-timestamps'],
  ],
  [
    'net.ipv4.tcp_tw_reuse',
    'Whether the kernel may give an outgoing connection a port that is in TIME_WAIT: 0 never, 1 always after a second, 2 only on loopback. It needs timestamps, and does nothing for servers.',
    'ip-sysctl; Linux: tcp_twsk_unique()',
    [],
  ],
  [
    'net.ipv4.tcp_tw_reuse_delay',
    'How many milliseconds a TIME_WAIT must be old before tcp_tw_reuse gives its port away. New in Linux 6.15; a second before that.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_tw_recycle',
    'Gone since Linux 4.12: it dropped connections of several clients behind one address.',
    'Linux commit 4396e46187ca',
    [],
  ],
  [
    'net.ipv4.tcp_max_tw_buckets',
    'How many TIME_WAITs are kept at once; beyond that they are destroyed when they come.',
    'ip-sysctl',
    ['without-time-wait-by-force'],
  ],
  [
    'net.ipv4.tcp_rfc1337',
    'Whether TIME_WAIT ignores a RST, so that old segments cannot end it.',
    'ip-sysctl; RFC 1337',
    [],
  ],
  [
    'net.ipv4.ip_local_port_range',
    'The ports that the kernel gives to outgoing connections. A server whose port lies in it may find a client sitting there.',
    'ip-sysctl',
    ['ephemeral-client-blocks'],
  ],
  [
    'net.ipv4.ip_local_reserved_ports',
    'Ports out of ip_local_port_range that the kernel gives to nobody: the place for the port of a server that lies in it.',
    'ip-sysctl',
    ['ephemeral-client-blocks'],
  ],
  [
    'net.ipv4.tcp_orphan_retries',
    'How often a FIN or data of a socket without a process is sent again before it is given up; 0 stands for 8.',
    'ip-sysctl',
    [],
  ],
  [
    'net.ipv4.tcp_retries2',
    'How often data is sent again before the connection is given up.',
    'ip-sysctl; RFC 1122 section 4.2.3.5',
    [],
  ],
  [
    'net.ipv4.tcp_keepalive_time',
    'How many seconds nothing is sent before keepalive asks, where SO_KEEPALIVE is on.',
    'ip-sysctl',
    [],
  ],
  [
    'net.core.somaxconn',
    'The longest accept queue that listen() can ask for.',
    'ip-sysctl; listen(2)',
    ['tour'],
  ],
];

function wordsOf(kind: WordKind, entries: readonly Entry[]): Word[] {
  return entries.map(([name, text, source, shownBy]) => ({ name, kind, text, source, shownBy }));
}

export const words: readonly Word[] = [
  ...wordsOf('state', states),
  ...wordsOf('errno', errnos),
  ...wordsOf('socket option', options),
  ...wordsOf('setting', settings),
];

/** The word that is meant: `time-wait`, `tcp_fin_timeout` and `net.ipv4.tcp_fin_timeout` are understood. */
export function findWord(text: string): Word | undefined {
  const wanted = bare(text);
  return words.find(({ name }) => bare(name) === wanted);
}

// The spellings of ss (FIN-WAIT-1) and of RFC 9293 differ in hyphens, those of settings in their folder.
function bare(text: string): string {
  return text
    .toUpperCase()
    .replace(/^NET\.(IPV4|CORE)\./, '')
    .replaceAll(/[-_ ]/g, '')
    .replace(/^ESTAB$/, 'ESTABLISHED');
}
