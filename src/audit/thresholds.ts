/** From when on something counts: each is an option of the command, and says where its default comes from. */
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
    ...{ value: minute, unit: 'ms', shown: '60s' },
    description: 'a connection in CLOSE_WAIT is left open from this age on',
    source: 'tcp_fin_timeout: after that long a Linux peer without a process has given up',
  },
  finWait2Age: {
    ...{ value: minute, unit: 'ms', shown: '60s' },
    description: 'a connection in FIN_WAIT2 with a process waits too long from this age on',
    source: 'tcp_fin_timeout: the limit that the kernel sets if no process owns it',
  },
  stalledAge: {
    ...{ value: minute, unit: 'ms', shown: '60s' },
    description: 'the other side does not answer, or does not read, if nothing is acknowledged for this long',
    source: "nginx's send_timeout and proxy_send_timeout",
  },
  idleAge: {
    ...{ value: 2 * 60 * minute, unit: 'ms', shown: '2h' },
    description: 'a connection without keep-alive may never end if nothing moved for this long',
    source: 'tcp_keepalive_time: when keep-alive would have asked',
  },
  acceptAge: {
    ...{ value: 3 * second, unit: 'ms', shown: '3s' },
    description: 'a listener does not accept if a connection waits in its queue for this long',
    source: 'RFC 6298 section 5.7: the cautious retransmission timeout of a client',
  },
  portsUsed: {
    ...{ value: 80, unit: 'percent', shown: '80' },
    description: 'the ports towards a destination run short from this share in use on',
    source: 'monitoring practice',
  },
  portsLast: {
    ...{ value: 10 * minute, unit: 'ms', shown: '10min' },
    description: 'the ports towards a destination run short if they last less than this at the present rate',
    source: 'ten lives of a TIME_WAIT',
  },
  timeWaits: {
    ...{ value: 1000, unit: 'count', shown: '1000' },
    description: 'TIME_WAITs are worth a note from this number on',
    source: 'the piles of thousands about which people ask',
  },
  bucketsUsed: {
    ...{ value: 90, unit: 'percent', shown: '90' },
    description: 'tcp_max_tw_buckets is near from this share in use on',
    source: 'monitoring practice',
  },
  orphansUsed: {
    ...{ value: 25, unit: 'percent', shown: '25' },
    description: 'tcp_max_orphans is near from this share in use on',
    source: 'tcp_out_of_resources() of Linux, which counts an orphan up to four times',
  },
  conntrackUsed: {
    ...{ value: 80, unit: 'percent', shown: '80' },
    description: 'the table of conntrack is nearly full from this share in use on',
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
