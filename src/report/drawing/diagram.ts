import { groupBy } from '../../group.ts';
import { type Layout, layoutFor } from './diagram-layout.ts';
import { type Drawn, draw, item, svg, text } from './drawn.ts';
import { type Connection, moment, type Side, sides, stateName, type Transition } from './words.ts';

interface PathStep {
  readonly side: Side;
  readonly from: string;
  readonly to: string;
  readonly number: number;
  readonly transition: Transition;
  readonly index: number;
}

/** The path of both ends through the diagram: a server's socket begins where its listener is. */
export function pathOf({ transitions }: Connection): PathStep[] {
  const count = { client: 0, server: 0 };
  return transitions.map((transition, index) => {
    const { side, to } = transition;
    const from = transition.from ?? (to === 'SYN_SENT' ? 'CLOSED' : 'LISTEN');
    return { side, from, to: stateName(to), number: ++count[side], transition, index };
  });
}

/** RFC 9293's diagram with the paths that the two ends took, for a place of that width in pixels. */
export function diagram(connection: Connection, index: number, room: number): Drawn {
  const layout = layoutFor(room);
  const { width, height, arcs, places } = layout;
  const path = pathOf(connection);
  const visited = new Set(path.flatMap(({ from, to }) => [from, to]));
  return svg(
    { width, height, class: isNarrow(layout) ? 'diagram narrow' : 'diagram' },
    arrowHeads(),
    ...arcs.map(([from, to]) => arc(layout, from, to, 0, 'arc')),
    ...sides.flatMap((side, i) =>
      merged(path.filter((step) => step.side === side)).map((steps) =>
        way(layout, steps, side, index, i === 0 ? -5 : 5),
      ),
    ),
    ...arcs.flatMap(([from, to, words, dx, dy, anchor]) => {
      const [x, y] = middle(layout, from, to, 0);
      return words.map((line, i) => text(x + dx, y + dy + i * 12, `tiny ${anchor}`.trim(), line));
    }),
    ...(path.some(({ from, to }) => !isArc(layout, from, to)) ? remark(layout) : []),
    ...Object.entries(places).map(([name, [x, y]]) => node(layout, name, x, y, visited.has(name))),
  );
}

function isNarrow({ width }: Layout): boolean {
  return width < 400;
}

function remark(layout: Layout): Drawn[] {
  const { width, height } = layout;
  const words = ['an arrow beside the grey ones:', 'by a reset, a timer, or the end of a process'];
  const lines = isNarrow(layout) ? words : [words.join(' ')];
  return lines.map((line, i) =>
    text(width / 2, height - 6 - (lines.length - 1 - i) * 13, 'tiny middle', line),
  );
}

function isArc({ arcs }: Layout, from: string, to: string): boolean {
  return arcs.some((arc) => arc[0] === from && arc[1] === to);
}

/** Groups equal steps: an end may take the same arc again, but the arc is drawn once. */
function merged(path: readonly PathStep[]): (readonly PathStep[])[] {
  return [...groupBy(path, ({ from, to }) => `${from} ${to}`).values()];
}

function node({ box }: Layout, name: string, x: number, y: number, visited: boolean): Drawn {
  const { width, height } = box;
  const known = visited ? `node visited s-${name}` : 'node';
  return draw(
    'g',
    { class: known },
    draw('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 4, class: 'fill' }),
    draw('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 4, class: 'pattern' }),
    text(x, y + 4, 'on middle', name),
  );
}

function way(layout: Layout, steps: readonly PathStep[], side: Side, of: number, offset: number): Drawn {
  const [first] = steps;
  if (first === undefined) return draw('g', {});
  const { from, to, transition, index } = first;
  const [x, y] = middle(layout, from, to, offset);
  const numbers = steps.map(({ number }) => number).join(', ');
  const label = `${side}, step ${numbers}: ${from} to ${to} at ${moment(transition.atMs)}`;
  return item(
    `state:${of}:${index}`,
    label,
    `way ${side}`,
    arc(layout, from, to, offset, 'walked'),
    draw('circle', { cx: x, cy: y, r: layout.badge.radius, class: 'badge' }),
    text(x, y + 4, 'number middle', numbers.length > 2 ? '…' : numbers),
  );
}

type Point = readonly [x: number, y: number];

/** A straight line between two boxes, shifted sideways by the offset. */
function straight(layout: Layout, from: string, to: string, offset: number): [Point, Point] {
  const [[x1, y1], [x2, y2]] = [placeOf(layout, from), placeOf(layout, to)];
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  // The points where the line leaves the boxes.
  const leave = (gap: number) =>
    Math.min(
      (layout.box.width / 2 + gap) / Math.abs(dx / length || 1e-9),
      (layout.box.height / 2 + gap) / Math.abs(dy / length || 1e-9),
    );
  const [nx, ny] = [(-dy / length) * offset, (dx / length) * offset];
  const [start, stop] = [leave(2), length - leave(4)];
  return [
    [x1 + (dx / length) * start + nx, y1 + (dy / length) * start + ny],
    [x1 + (dx / length) * stop + nx, y1 + (dy / length) * stop + ny],
  ];
}

function placeOf({ places }: Layout, name: string): Point {
  return places[name] ?? places['no socket'] ?? [0, 0];
}

/** The corners of an arrow. If it is not in the figure and would cross words, it goes around them to the pair without a socket. */
function corners(layout: Layout, from: string, to: string, offset: number): readonly Point[] {
  const direct = straight(layout, from, to, offset);
  if (isArc(layout, from, to) || to !== 'no socket') return direct;
  const { box, around } = layout;
  const [[x, y], [endX, endY]] = [placeOf(layout, from), placeOf(layout, to)];
  const isLeft = x < layout.width / 3;
  const start = isLeft ? x - box.width / 2 - 2 : x + box.width / 2 + 2;
  const way = isLeft ? 'left' : from === 'CLOSING' ? 'between' : 'right';
  const side = around[way] - offset / 2;
  const [below, target] = [around.below + offset, endX + offset];
  return [
    [start, y + offset],
    [side, y + offset],
    [side, below],
    [target, below],
    [target, endY + box.height / 2 + 4],
  ];
}

function arc(layout: Layout, from: string, to: string, offset: number, className: string): Drawn {
  const [first, ...others] = corners(layout, from, to, offset);
  const d = `M${p(first)}${others.map((point) => `L${p(point)}`).join('')}`;
  return draw('path', {
    d,
    class: className,
    'marker-end': `url(#h-${className === 'arc' ? 'arc' : 'walked'})`,
  });
}

/** The place of an arrow's number, apart from that of the other end. */
function middle(layout: Layout, from: string, to: string, offset: number): Point {
  const { badge, width } = layout;
  const [first, second, third, fourth] = corners(layout, from, to, offset);
  // If the arrow goes around everything, the number is on its longest part.
  const [one, other] =
    first !== undefined && second !== undefined && third !== undefined && fourth !== undefined
      ? second[0] < width * 0.7
        ? [third, fourth]
        : [second, third]
      : straight(layout, from, to, offset * badge.beside);
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
}

function p([x, y]: Point = [0, 0]): string {
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
