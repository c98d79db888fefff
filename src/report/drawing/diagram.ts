import { type Drawn, draw, item, text } from './drawn.ts';
import { type Connection, moment, type Side, sides, stateName, type Transition } from './words.ts';

/** Where the states of RFC 9293 section 3.3.2, figure 5, are drawn. `null` is a pair without a socket. */
const places: Readonly<Record<string, readonly [number, number]>> = {
  CLOSED: [300, 26],
  LISTEN: [300, 106],
  SYN_RECV: [120, 190],
  SYN_SENT: [480, 190],
  ESTABLISHED: [300, 252],
  FIN_WAIT1: [120, 330],
  CLOSE_WAIT: [480, 330],
  FIN_WAIT2: [120, 424],
  CLOSING: [300, 424],
  LAST_ACK: [480, 424],
  TIME_WAIT: [300, 508],
  'no socket': [480, 508],
};

const size = { width: 116, height: 32 };

/** The arcs of the figure, what leads along each, and where that is written, from the middle of the arc. */
const arcs: readonly (readonly [
  from: string,
  to: string,
  words: string,
  dx: number,
  dy: number,
  anchor: 'end' | '' | 'middle',
])[] = [
  ['CLOSED', 'LISTEN', 'passive open', -8, 4, 'end'],
  ['LISTEN', 'SYN_RECV', 'rcv SYN', -22, -10, 'end'],
  ['LISTEN', 'SYN_SENT', 'send', -14, 14, 'end'],
  ['CLOSED', 'SYN_SENT', 'active open, snd SYN', 22, -10, ''],
  ['SYN_SENT', 'SYN_RECV', 'rcv SYN', 0, -5, 'middle'],
  ['SYN_RECV', 'ESTABLISHED', 'rcv ACK of SYN', -24, 14, 'end'],
  ['SYN_SENT', 'ESTABLISHED', 'rcv SYN, ACK', 24, 14, ''],
  ['SYN_RECV', 'FIN_WAIT1', 'close', -8, 4, 'end'],
  ['ESTABLISHED', 'FIN_WAIT1', 'close, snd FIN', 28, 18, ''],
  ['ESTABLISHED', 'CLOSE_WAIT', 'rcv FIN', 22, -8, ''],
  ['FIN_WAIT1', 'FIN_WAIT2', 'rcv ACK of FIN', -26, 4, 'end'],
  ['FIN_WAIT1', 'CLOSING', 'rcv FIN', 26, -8, ''],
  ['CLOSE_WAIT', 'LAST_ACK', 'close, snd FIN', -26, 4, 'end'],
  ['FIN_WAIT2', 'TIME_WAIT', 'rcv FIN', -24, 12, 'end'],
  ['CLOSING', 'TIME_WAIT', 'rcv ACK of FIN', 8, 4, ''],
  ['FIN_WAIT1', 'TIME_WAIT', 'rcv FIN, ACK', 20, 40, ''],
  ['LAST_ACK', 'no socket', 'rcv ACK of FIN', 26, 4, ''],
  ['TIME_WAIT', 'no socket', '2 MSL', 0, -8, 'middle'],
];

export interface PathStep {
  readonly side: Side;
  readonly from: string;
  readonly to: string;
  readonly number: number;
  readonly transition: Transition;
  readonly index: number;
}

/** The way of both ends through the diagram: a server's socket begins where its listener is. */
export function pathOf({ transitions }: Connection): PathStep[] {
  const count = { client: 0, server: 0 };
  return transitions.map((transition, index) => {
    const { side, to } = transition;
    const from = transition.from ?? (to === 'SYN_SENT' ? 'CLOSED' : 'LISTEN');
    return { side, from, to: stateName(to), number: ++count[side], transition, index };
  });
}

/** RFC 9293's diagram with the ways that the two ends took. */
export function diagram(connection: Connection, index: number): Drawn {
  const path = pathOf(connection);
  const visited = new Set(path.flatMap(({ from, to }) => [from, to]));
  const isArc = (from: string, to: string) => arcs.some((arc) => arc[0] === from && arc[1] === to);
  const others = path.filter(({ from, to }) => !isArc(from, to));
  return draw(
    'svg',
    { viewBox: '-20 0 640 540', width: 640, height: 540, class: 'diagram' },
    arrowHeads(),
    ...arcs.map(([from, to]) => arc(from, to, 0, 'arc')),
    ...sides.flatMap((side, i) =>
      merged(path.filter((step) => step.side === side)).map((steps) =>
        way(steps, side, index, i === 0 ? -5 : 5),
      ),
    ),
    ...arcs.map(([from, to, words, dx, dy, anchor]) => {
      const [x, y] = middle(from, to, 0);
      return text(x + dx, y + dy, `tiny ${anchor}`.trim(), words);
    }),
    ...([...new Set(others.map(({ from, to }) => `${from} ${to}`))].length > 0
      ? [
          text(
            300,
            536,
            'tiny middle',
            'an arrow beside the grey ones: by a reset, a timer, or the end of a process',
          ),
        ]
      : []),
    ...Object.entries(places).map(([name, [x, y]]) => node(name, x, y, visited.has(name))),
  );
}

/** An end may take the same arc again; it is drawn once. */
function merged(path: readonly PathStep[]): (readonly PathStep[])[] {
  const byArc = new Map<string, PathStep[]>();
  for (const step of path) {
    const key = `${step.from} ${step.to}`;
    byArc.set(key, [...(byArc.get(key) ?? []), step]);
  }
  return [...byArc.values()];
}

function node(name: string, x: number, y: number, visited: boolean): Drawn {
  const { width, height } = size;
  const known = visited ? `node visited s-${name}` : 'node';
  return draw(
    'g',
    { class: known },
    draw('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 4, class: 'fill' }),
    draw('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 4, class: 'pattern' }),
    text(x, y + 4, 'on middle', name),
  );
}

function way(steps: readonly PathStep[], side: Side, of: number, offset: number): Drawn {
  const [first] = steps;
  if (first === undefined) return draw('g', {});
  const { from, to, transition, index } = first;
  const [x, y] = middle(from, to, offset * 2.6);
  const numbers = steps.map(({ number }) => number).join(', ');
  const label = `${side}, step ${numbers}: ${from} to ${to} at ${moment(transition.atMs)}`;
  return item(
    `state:${of}:${index}`,
    label,
    `way ${side}`,
    arc(from, to, offset, 'walked'),
    draw('circle', { cx: x, cy: y, r: 9, class: 'badge' }),
    text(x, y + 4, 'number middle', numbers.length > 2 ? '…' : numbers),
  );
}

function ends(from: string, to: string, offset: number): [number, number, number, number] {
  const [x1, y1] = places[from] ?? [300, 26];
  const [x2, y2] = places[to] ?? [480, 508];
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  // Where the straight line leaves the boxes.
  const leave = (gap: number) =>
    Math.min(
      (size.width / 2 + gap) / Math.abs(dx / length || 1e-9),
      (size.height / 2 + gap) / Math.abs(dy / length || 1e-9),
    );
  const [nx, ny] = [(-dy / length) * offset, (dx / length) * offset];
  const [start, stop] = [leave(2), length - leave(4)];
  return [
    x1 + (dx / length) * start + nx,
    y1 + (dy / length) * start + ny,
    x1 + (dx / length) * stop + nx,
    y1 + (dy / length) * stop + ny,
  ];
}

function arc(from: string, to: string, offset: number, className: string): Drawn {
  const known = arcs.some((one) => one[0] === from && one[1] === to);
  const [x1, y1, x2, y2] = ends(from, to, offset);
  const bend = known ? 0 : bendOf(from, to);
  const d =
    bend === 0
      ? `M${p(x1, y1)}L${p(x2, y2)}`
      : `M${p(x1, y1)}Q${p((x1 + x2) / 2 + bend, (y1 + y2) / 2)} ${p(x2, y2)}`;
  return draw('path', {
    d,
    class: className,
    'marker-end': `url(#h-${className === 'arc' ? 'arc' : 'walked'})`,
  });
}

/** What is not in the figure goes around what lies between. */
function bendOf(from: string, to: string): number {
  const [x1] = places[from] ?? [300, 0];
  const [x2] = places[to] ?? [480, 0];
  return (x1 + x2) / 2 >= 300 ? 90 : -90;
}

function middle(from: string, to: string, offset: number): [number, number] {
  const [x1, y1, x2, y2] = ends(from, to, offset);
  const known = arcs.some((one) => one[0] === from && one[1] === to);
  return [(x1 + x2) / 2 + (known ? 0 : bendOf(from, to) / 2), (y1 + y2) / 2];
}

function p(x: number, y: number): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

function arrowHeads(): Drawn {
  const marker = (name: string) =>
    draw(
      'marker',
      {
        id: `h-${name}`,
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: 'auto',
        markerUnits: 'userSpaceOnUse',
      },
      draw('path', { d: 'M0 0L8 4L0 8Z', class: `tip ${name}` }),
    );
  return draw('defs', {}, marker('arc'), marker('walked'));
}
