/**
 * The claims that the experiments decide, by number: what articles and books say of closing TCP connections. A claim may
 * have parts, cases to distinguish. The findings are nowhere here: they are computed from checks.
 */
interface Claim {
  readonly claim: string;
  readonly parts?: Readonly<Record<string, string>>;
}

export const claims = {
  C01: {
    claim:
      'Kill the server (Ctrl-C) while a client is connected, start it again at once: bind: Address already in use.',
  },
  C02: {
    claim:
      'In between, netstat shows the client in CLOSE_WAIT with its pid, the server side in FIN_WAIT2 with no pid.',
  },
  C03: { claim: 'Then kill the client too: the server side is in TIME_WAIT, and bind still fails.' },
  C04: { claim: 'On Linux the server can be started again after about half a minute.' },
  C05: { claim: 'A restarted server has to wait 1 to 4 minutes.' },
  C06: {
    claim: 'The server that sets SO_REUSEADDR before bind() starts again at once over TIME_WAIT.',
    parts: { 'new only': 'also if the old server had not set it' },
  },
  C07: {
    claim: "Kill the client first instead: TIME_WAIT is at the client's port and the server restarts freely.",
  },
  C08: {
    claim: 'A client restarted at once on the same local port cannot use it.',
    parts: { reuse: 'also if both have set SO_REUSEADDR' },
  },
  C09: {
    claim:
      "Even with SO_REUSEADDR the same socket pair cannot be re-created: connecting from the reused server port back to the old peer's port fails with Address already in use.",
    parts: {
      'flag missing': 'bind fails so where one of the two lacks SO_REUSEADDR',
      'no timestamps': 'without timestamps the pair cannot be re-created, but connect says otherwise',
    },
  },
  C10: {
    claim: 'SO_REUSEADDR may let the restarted server receive unexpected old data.',
    parts: { protected: 'also with timestamps on and TIME_WAIT in place' },
  },
  C11: {
    claim: 'Only the side that closes first enters TIME_WAIT; one side is enough.',
    parts: { simultaneous: 'also when both close at once' },
  },
  C12: { claim: 'The passive side goes CLOSE_WAIT, LAST_ACK, CLOSED and never waits.' },
  C13: {
    claim: 'The last ACK lost: the passive side sends its FIN again, TIME_WAIT answers each one with an ACK.',
  },
  C14: { claim: 'Each repeated FIN starts the 2MSL wait over.' },
  C15: {
    claim:
      'Without TIME_WAIT the repeated FIN meets a RST, and the passive side sees an error instead of an orderly end.',
    parts: { read: 'the error appears in its read' },
  },
  C16: { claim: 'A repeated old FIN could close a new connection of the same pair.' },
  C17: { claim: '2MSL is set by tcp_fin_timeout.' },
  C18: {
    claim: 'An active closer always passes through TIME_WAIT.',
    parts: {
      'linger 0': 'a way past it: SO_LINGER with 0 seconds',
      'unread data': 'a way past it: a close with data unread',
      TCP_LINGER2: 'a way past it: TCP_LINGER2',
      'no buckets': 'a way past it: tcp_max_tw_buckets used up',
      'orphan timeout': 'a way past it: the orphaned FIN_WAIT2 is given up',
      destroyed: 'a way past it: destroyed by ss -K',
    },
  },
  C19: {
    claim: 'If a send or recv times out, the socket goes straight to CLOSED.',
    parts: { retransmission: 'when what times out is a retransmission (TCP_USER_TIMEOUT)' },
  },
  C20: { claim: 'The length of TIME_WAIT does not depend on the RTT/RTO.' },
  C21: {
    claim: 'TIME_WAIT assassination (RFC 1337): an old duplicate ends TIME_WAIT early.',
    parts: { rfc1337: 'tcp_rfc1337 prevents it' },
  },
  C22: {
    claim:
      'The four segments and their sequence numbers are those of RFC 9293 figure 12 (RFC 793 figure 13): FIN counts as one.',
    parts: { three: 'three segments when ACK and FIN share one' },
  },
  C23: {
    claim: 'FIN_WAIT1 is hardly ever seen.',
    parts: { held: 'also when the FIN is kept from being answered' },
  },
  C24: {
    claim: 'FIN_WAIT2 is a half-closed connection: the other side can still send, and this side receives it.',
  },
  C25: { claim: 'A FIN with an ACK in FIN_WAIT1 leads straight to TIME_WAIT.' },
  C26: {
    claim: 'CLOSING is the simultaneous close, and rare.',
    parts: { rare: 'no ordinary close passes through it' },
  },
  C27: {
    claim:
      'A side that is told of the close and never calls close() stays in CLOSE_WAIT for good; its read returns 0.',
  },
  C28: {
    claim:
      'An orphaned FIN_WAIT2 is given up after tcp_fin_timeout; one whose process still holds it is not.',
  },
  C29: {
    claim:
      'A wandering duplicate of the previous incarnation is accepted by the new one and corrupts its data.',
  },
  C30: { claim: 'TIME_WAIT prevents that a wandering duplicate is accepted (C29).' },
  C31: { claim: 'Timestamps (PAWS) prevent that a wandering duplicate is accepted (C29).' },
  C32: {
    claim: 'tcp_tw_reuse and tcp_tw_recycle work only with tcp_timestamps on.',
    parts: { tcp_tw_recycle: 'of tcp_tw_recycle' },
  },
  C33: {
    claim:
      'With tcp_tw_reuse a connection in TIME_WAIT can be replaced when the new ISN or timestamp is greater.',
    parts: {
      'value 0': 'not with the value 0',
      'value 1': 'with the value 1, after tcp_tw_reuse_delay',
      'value 2': 'with the value 2, on loopback',
      'value 2 elsewhere': 'with the value 2, on other addresses',
      'no delay': 'before tcp_tw_reuse_delay has passed',
      'bound port': 'from a bound port with SO_REUSEADDR, whatever tcp_tw_reuse says',
      'ISN alone': 'without timestamps, by a greater ISN',
    },
  },
  C34: { claim: 'tcp_tw_recycle drops SYNs by per-host timestamps.' },
  C35: {
    claim:
      "A SYN that reaches a listener's TIME_WAIT with a higher sequence number or timestamp opens a new connection.",
    parts: {
      'lower ISN': 'with a lower sequence number and without timestamps it does not, at once',
      'newer timestamp': 'with a newer timestamp, even if its sequence number is lower',
    },
  },
  C36: {
    claim:
      'A server that closes each short connection first collects TIME_WAITs, and of 2000 more concurrent connections some cannot connect.',
    parts: {
      'many TIME_WAITs': 'it is the TIME_WAITs of the server that keep clients from connecting',
      'accept queue': 'it is the accept queue',
    },
  },
  C37: {
    claim: 'Linger 0 cures that (C36) at any concurrency; a non-zero linger does not.',
    parts: { client: 'where the side with the ephemeral ports closes first and runs out of them' },
  },
  C38: { claim: 'Linger 0 loses data.' },
  C39: { claim: '10,000 TIME_WAITs take about 1 MB.' },
  C40: {
    claim: "Many TIME_WAITs slow the kernel's lookups and its choice of ports.",
    parts: {
      lookups: 'its lookups',
      'choice of ports': 'its choice of ports, for a client that has them towards the same destination',
    },
  },
  C41: {
    claim:
      'One client against one server port runs out of 4-tuples; a second destination port or address gives more.',
  },
  C42: {
    claim:
      'Running out of ports means running out of file descriptors, since a descriptor comes back only after TIME_WAIT.',
  },
  C43: {
    claim: 'Above tcp_max_tw_buckets TIME_WAITs are destroyed at once and a warning is logged.',
    parts: { logged: 'the warning in the kernel log', default: 'the default is about 500,000' },
  },
  C44: { claim: 'close() lowers a count; only the last close sends FIN. shutdown() sends it at once.' },
  C45: { claim: 'After shutdown(SHUT_RD) arriving data is acknowledged and silently dropped.' },
  C46: { claim: 'SHUT_WR is a half-close.' },
  C47: { claim: 'SO_LINGER {on, 0}: the send buffer is thrown away and a RST is sent, no TIME_WAIT.' },
  C48: { claim: 'SO_LINGER {on, 0} with nothing unsent is still an ordinary four-way close.' },
  C49: {
    claim: 'SO_LINGER {on, n>0}: close() blocks up to n seconds.',
    parts: { exit: 'and so does the exit of the process' },
  },
  C50: {
    claim: 'Without SO_LINGER close() loses nothing that was written.',
    parts: {
      'unread data': 'also if the closer left data unread',
      "Node's queue": "also what was written to Node's stream and not yet to the kernel",
    },
  },
  C51: { claim: 'A close with unread received data sends RST, and what was sent may be lost.' },
  C52: {
    claim: 'close(), exit, a crash with core dump, and kill all end a connection the same, orderly way.',
    parts: { unread: 'also with data left unread' },
  },
  C53: {
    claim:
      'Writing to a connection that the peer has fully closed: first write gets a RST back, the next fails with EPIPE.',
  },
  C54: {
    claim:
      "The peer's host is gone: data is sent again with growing gaps; in the end ETIMEDOUT or EHOSTUNREACH, and then EPIPE.",
  },
  C55: {
    claim:
      'The other side is silent and sends nothing: only keepalive or a heartbeat of the application notices.',
  },
  C56: {
    claim: 'RFC 793 sets MSL to 2 minutes, systems use 30 s to 2 minutes (Windows: TcpTimedWaitDelay).',
    parts: { '2 minutes': 'this kernel uses 2 minutes, as RFC 793 says' },
  },
} as const satisfies Readonly<Record<string, Claim>>;

export type ClaimId = keyof typeof claims;
type PartsOf<Id extends ClaimId> = (typeof claims)[Id] extends { parts: infer Parts }
  ? keyof Parts & string
  : never;

/** A claim as stated, `C06`, or one of its parts, `C06/new only`. */
export type ClaimPart = { [Id in ClaimId]: Id | `${Id}/${PartsOf<Id>}` }[ClaimId];
