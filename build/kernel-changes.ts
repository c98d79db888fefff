/** Changes of Linux that explain what differs between kernels, each from the source that it names. */
export interface Change {
  readonly kind: 'cell' | 'claim' | 'counter' | 'counting';
  /** The names of what differs. */
  readonly of: readonly string[];
  /** The first release that has it; null if the commit alone is known. */
  readonly since: string | null;
  readonly what: string;
  /** The function of the kernel. */
  readonly where: string;
  readonly commit: string | null;
}

export const changes: readonly Change[] = [
  {
    kind: 'counting',
    of: ['TW', 'TWKilled'],
    since: '5.18',
    what: 'they count a TIME_WAIT as it begins, and before that as it ends',
    where: '__inet_twsk_schedule(), before that tw_timer_handler()',
    commit: '27dd35e02235 "tcp/dccp: no longer use twsk_net(tw) from tw_timer_handler()"',
  },
  {
    kind: 'counter',
    of: ['TCPMigrateReqFailure', 'TCPMigrateReqSuccess'],
    since: '5.14',
    what: 'requests move to another listener of the port (net.ipv4.tcp_migrate_req)',
    where: 'inet_csk_complete_hashdance(), reqsk_timer_handler()',
    commit: '55d444b310c6 "tcp: Add stats for socket migration."',
  },
  {
    kind: 'counter',
    of: ['PAWSTimewait'],
    since: null,
    what: 'segments that TIME_WAIT refuses for an old timestamp are counted apart',
    where: 'tcp_timewait_state_process()',
    commit: 'c449d5f3a3d7 "tcp: add LINUX_MIB_PAWS_TW_REJECTED counter"',
  },
  {
    kind: 'counter',
    of: ['BeyondWindow'],
    since: null,
    what: 'segments that end beyond the window are refused and counted',
    where: 'tcp_sequence()',
    commit: '6c758062c64d "tcp: add LINUX_MIB_BEYOND_WINDOW"',
  },
  {
    kind: 'counter',
    of: ['PAWSOldAck'],
    since: null,
    what: 'ACKs that arrive out of order, with an old timestamp, are counted apart',
    where: 'tcp_validate_incoming()',
    commit: 'd16b34479064 "tcp: add LINUX_MIB_PAWS_OLD_ACK SNMP counter"',
  },
  {
    kind: 'counter',
    of: ['TSEcrRejected'],
    since: null,
    what: 'an ACK that echoes a wrong timestamp does not finish a handshake, and is counted',
    where: 'tcp_check_req()',
    commit: '3ba075278c11 "tcp: be less liberal in TSEcr received while in SYN_RECV state"',
  },
  {
    kind: 'counter',
    of: ['TCPAOBad', 'TCPAOGood', 'TCPAOKeyNotFound', 'TCPAORequired'],
    since: '6.7',
    what: 'the TCP Authentication Option (RFC 5925)',
    where: 'tcp_inbound_ao_hash()',
    commit: 'af09a341dcf6 "net/tcp: Add TCP-AO segments counters"',
  },
  {
    kind: 'counter',
    of: ['TCPAODroppedIcmps'],
    since: '6.7',
    what: 'connections with the TCP Authentication Option ignore ICMP errors that could end them',
    where: 'tcp_ao_ignore_icmp()',
    commit: '953af8e3acb6 "net/tcp: Ignore specific ICMPs for TCP-AO connections"',
  },
  {
    kind: 'counter',
    of: ['TCPPLBRehash'],
    since: '6.2',
    what: 'protective load balancing moves a congested connection to another path',
    where: 'tcp_plb_check_rehash()',
    commit: '29c1c44646ae "tcp: add u32 counter in tcp_sock and an SNMP counter for PLB"',
  },
];
