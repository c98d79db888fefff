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
];
