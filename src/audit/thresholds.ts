import { leftMs, stuckMs } from '../diagnose/situation/leaks.ts';

/** The value from which something counts. Each is an option of the command, and names the source of its default. */
interface Threshold {
  readonly value: number;
  readonly unit: 'ms' | 'percent' | 'count';
  /** The default as help shows it. */
  readonly shown: string;
  readonly description: string;
  readonly source: string;
}

const second = 1000;
const minute = 60 * second;

export const thresholds = {
  closeWaitAge: {
    ...{ value: leftMs, unit: 'ms', shown: '60s' },
    description: 'report a connection in CLOSE_WAIT as left open from this age on',
    source: 'tcp_fin_timeout: after this time a Linux peer without a process has given up',
  },
  closeWaitNote: {
    ...{ value: stuckMs, unit: 'ms', shown: '5s' },
    description: 'note three or more connections in CLOSE_WAIT from this age on',
    source: 'tcpclose why: a program that closes when it reads the end needs milliseconds',
  },
  finWait2Age: {
    ...{ value: minute, unit: 'ms', shown: '60s' },
    description: 'report a connection in FIN_WAIT2 with a process from this age on',
    source: 'tcp_fin_timeout: the limit that the kernel sets if no process owns it',
  },
  stalledAge: {
    ...{ value: minute, unit: 'ms', shown: '60s' },
    description: 'report a connection as stalled if nothing is acknowledged for this long',
    source: "nginx's send_timeout and proxy_send_timeout",
  },
  idleAge: {
    ...{ value: 2 * 60 * minute, unit: 'ms', shown: '2h' },
    description: 'report a connection without keep-alive if nothing moved for this long',
    source: 'tcp_keepalive_time: when keep-alive would have asked',
  },
  acceptAge: {
    ...{ value: 3 * second, unit: 'ms', shown: '3s' },
    description: 'report a listener if a connection waits in its accept queue for this long',
    source: 'RFC 6298 section 5.7: the cautious retransmission timeout of a client',
  },
  portsUsed: {
    ...{ value: 80, unit: 'percent', shown: '80' },
    description:
      'report the ports towards a destination from this share in use on; a TIME_WAIT that tcp_tw_reuse gives to new connections is not in use',
    source: 'monitoring practice',
  },
  portsLast: {
    ...{ value: 10 * minute, unit: 'ms', shown: '10min' },
    description: 'report the ports towards a destination if they last less than this at the present rate',
    source: 'ten lives of a TIME_WAIT',
  },
  timeWaits: {
    ...{ value: 1000, unit: 'count', shown: '1000' },
    description: 'note TIME_WAITs from this number on',
    source: 'the numbers in the thousands that people ask about',
  },
  bucketsUsed: {
    ...{ value: 90, unit: 'percent', shown: '90' },
    description: 'report tcp_max_tw_buckets from this share in use on',
    source: 'monitoring practice',
  },
  orphansUsed: {
    ...{ value: 25, unit: 'percent', shown: '25' },
    description: 'report tcp_max_orphans from this share in use on',
    source: 'tcp_out_of_resources() of Linux, which counts an orphan up to four times',
  },
  conntrackUsed: {
    ...{ value: 80, unit: 'percent', shown: '80' },
    description: 'report the conntrack table from this share in use on',
    source: 'monitoring practice; at 100 % packets of new connections are dropped',
  },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof thresholds;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

export const thresholdNames = Object.keys(thresholds) as ThresholdName[];

export function defaultThresholds(): Thresholds {
  return Object.fromEntries(thresholdNames.map((name) => [name, thresholds[name].value])) as Record<
    ThresholdName,
    number
  >;
}
