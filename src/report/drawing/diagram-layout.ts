/** The places of the boxes and words in the state diagram of RFC 9293: in a wide picture, and in a narrow one, as on a phone. */

/** The label of an arc; its place is relative to the middle of the arc. */
type Arc = readonly [
  from: string,
  to: string,
  words: readonly string[],
  dx: number,
  dy: number,
  anchor: 'end' | '' | 'middle',
];

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly box: { readonly width: number; readonly height: number };
  /** The number of a step: the radius of its circle, and how far beside the arc it is, in offsets of the arrow. */
  readonly badge: { readonly radius: number; readonly beside: number };
  /** The middle of each state. `no socket` is a pair without a socket. */
  readonly places: Readonly<Record<string, readonly [number, number]>>;
  readonly arcs: readonly Arc[];
  /** An arrow that is not in the figure goes around the others: along a side or between two columns, and below everything. */
  readonly around: {
    readonly left: number;
    readonly between: number;
    readonly right: number;
    readonly below: number;
  };
}

/** As figure 5 of section 3.3.2. */
const roomy: Layout = {
  width: 680,
  height: 592,
  box: { width: 116, height: 32 },
  badge: { radius: 9, beside: 2.6 },
  around: { left: 18, between: 406, right: 662, below: 556 },
  places: {
    CLOSED: [340, 26],
    LISTEN: [340, 106],
    SYN_RECV: [160, 190],
    SYN_SENT: [520, 190],
    ESTABLISHED: [340, 252],
    FIN_WAIT1: [160, 330],
    CLOSE_WAIT: [520, 330],
    FIN_WAIT2: [160, 424],
    CLOSING: [340, 424],
    LAST_ACK: [520, 424],
    TIME_WAIT: [340, 508],
    'no socket': [520, 508],
  },
  arcs: [
    ['CLOSED', 'LISTEN', ['passive open'], -8, 4, 'end'],
    ['LISTEN', 'SYN_RECV', ['rcv SYN'], -22, -10, 'end'],
    ['LISTEN', 'SYN_SENT', ['send'], -14, 14, 'end'],
    ['CLOSED', 'SYN_SENT', ['active open, snd SYN'], 22, -10, ''],
    ['SYN_SENT', 'SYN_RECV', ['rcv SYN'], 0, -5, 'middle'],
    ['SYN_RECV', 'ESTABLISHED', ['rcv ACK of SYN'], -24, 14, 'end'],
    ['SYN_SENT', 'ESTABLISHED', ['rcv SYN, ACK'], 24, 14, ''],
    ['SYN_RECV', 'FIN_WAIT1', ['close'], -8, 4, 'end'],
    ['ESTABLISHED', 'FIN_WAIT1', ['close, snd FIN'], 28, 18, ''],
    ['ESTABLISHED', 'CLOSE_WAIT', ['rcv FIN'], 22, -8, ''],
    ['FIN_WAIT1', 'FIN_WAIT2', ['rcv ACK of FIN'], -26, 4, 'end'],
    ['FIN_WAIT1', 'CLOSING', ['rcv FIN'], 26, -8, ''],
    ['CLOSE_WAIT', 'LAST_ACK', ['close, snd FIN'], -26, 4, 'end'],
    ['FIN_WAIT2', 'TIME_WAIT', ['rcv FIN'], -24, 12, 'end'],
    ['CLOSING', 'TIME_WAIT', ['rcv ACK', 'of FIN'], 8, -2, ''],
    ['FIN_WAIT1', 'TIME_WAIT', ['rcv FIN, ACK'], 20, 40, ''],
    ['LAST_ACK', 'no socket', ['rcv ACK of FIN'], 26, 4, ''],
    ['TIME_WAIT', 'no socket', ['2 MSL'], 0, -8, 'middle'],
  ],
};

/** The same states and arcs, with words in two lines, for 328 pixels. */
const narrow: Layout = {
  width: 328,
  height: 700,
  box: { width: 86, height: 30 },
  badge: { radius: 7.5, beside: 1 },
  around: { left: 6, between: 220, right: 319, below: 656 },
  places: {
    CLOSED: [222, 20],
    LISTEN: [110, 100],
    SYN_RECV: [56, 188],
    SYN_SENT: [268, 188],
    ESTABLISHED: [166, 276],
    FIN_WAIT1: [56, 364],
    CLOSE_WAIT: [268, 364],
    FIN_WAIT2: [56, 484],
    CLOSING: [172, 484],
    LAST_ACK: [268, 484],
    TIME_WAIT: [166, 612],
    'no socket': [268, 612],
  },
  arcs: [
    ['CLOSED', 'LISTEN', ['passive', 'open'], -14, -10, 'end'],
    ['LISTEN', 'SYN_RECV', ['rcv SYN'], -20, -4, 'end'],
    ['LISTEN', 'SYN_SENT', ['send'], -10, 14, 'end'],
    ['CLOSED', 'SYN_SENT', ['active open,', 'snd SYN'], 14, -22, ''],
    ['SYN_SENT', 'SYN_RECV', ['rcv SYN'], 0, -5, 'middle'],
    ['SYN_RECV', 'ESTABLISHED', ['rcv ACK', 'of SYN'], -8, 24, 'end'],
    ['SYN_SENT', 'ESTABLISHED', ['rcv SYN,', 'ACK'], 10, 24, ''],
    ['SYN_RECV', 'FIN_WAIT1', ['close'], -10, 4, 'end'],
    ['ESTABLISHED', 'FIN_WAIT1', ['close,', 'snd FIN'], 18, 16, ''],
    ['ESTABLISHED', 'CLOSE_WAIT', ['rcv FIN'], 20, -6, ''],
    ['FIN_WAIT1', 'FIN_WAIT2', ['rcv', 'ACK', 'of FIN'], -17, -8, 'end'],
    ['FIN_WAIT1', 'CLOSING', ['rcv FIN'], 14, -8, ''],
    ['CLOSE_WAIT', 'LAST_ACK', ['close,', 'snd FIN'], -17, 0, 'end'],
    ['FIN_WAIT2', 'TIME_WAIT', ['rcv FIN'], -16, 20, 'end'],
    ['CLOSING', 'TIME_WAIT', ['rcv ACK', 'of FIN'], 9, -8, ''],
    ['FIN_WAIT1', 'TIME_WAIT', ['rcv FIN,', 'ACK'], 18, 22, ''],
    ['LAST_ACK', 'no socket', ['rcv ACK', 'of FIN'], 8, 24, ''],
    ['TIME_WAIT', 'no socket', ['2 MSL'], -4, 30, 'end'],
  ],
};

/** The layout for a place of that width in pixels. */
export function layoutFor(width: number): Layout {
  return width < 520 ? narrow : roomy;
}
