import { describe, expect, test } from 'vitest';
import { keptDocument } from '../../../build/recorded/kept.ts';
import { diagram } from '../../../src/report/drawing/diagram.ts';
import { layoutFor } from '../../../src/report/drawing/diagram-layout.ts';
import type { Drawn } from '../../../src/report/drawing/drawn.ts';
import { partsOf } from './parts.ts';

/** Figure 5 of RFC 9293, section 3.3.2, in its order. The last one is its note 2. */
const figure5 = [
  'CLOSED LISTEN',
  'LISTEN CLOSED',
  'CLOSED SYN_SENT',
  'SYN_SENT CLOSED',
  'LISTEN SYN_RECV',
  'LISTEN SYN_SENT',
  'SYN_RECV LISTEN',
  'SYN_SENT SYN_RECV',
  'SYN_RECV ESTABLISHED',
  'SYN_SENT ESTABLISHED',
  'SYN_RECV FIN_WAIT1',
  'ESTABLISHED FIN_WAIT1',
  'ESTABLISHED CLOSE_WAIT',
  'FIN_WAIT1 FIN_WAIT2',
  'FIN_WAIT1 CLOSING',
  'CLOSE_WAIT LAST_ACK',
  'FIN_WAIT2 TIME_WAIT',
  'CLOSING TIME_WAIT',
  'LAST_ACK no socket',
  'TIME_WAIT no socket',
  'FIN_WAIT1 TIME_WAIT',
];
const arrowsBack = ['LISTEN CLOSED', 'SYN_SENT CLOSED', 'SYN_RECV LISTEN'];

test.each([328, 680])(
  'the state diagram, %i pixels wide, has the arrows of RFC 9293 but those back',
  (width) => {
    const drawnArcs = layoutFor(width).arcs.map(([from, to]) => `${from} ${to}`);
    expect(drawnArcs.toSorted()).toEqual(figure5.filter((one) => !arrowsBack.includes(one)).toSorted());
  },
);

describe.each([328, 680])('the state diagram, %i pixels wide', (width) => {
  const [connection] = keptDocument('server-first').recording?.connections ?? [];
  const [first] = connection?.transitions ?? [];

  test.each([
    'SYN_RECV',
    'SYN_SENT',
    'ESTABLISHED',
    'FIN_WAIT1',
    'FIN_WAIT2',
    'CLOSE_WAIT',
    'CLOSING',
  ] as const)('draws the end of a socket in %s without crossing a word or a state', (from) => {
    if (connection === undefined || first === undefined) throw new Error('it has no connection');
    const change = (side: 'client' | 'server') => ({ ...first, side, from, to: null });
    const transitions = [change('client'), change('server')];
    const all = partsOf(diagram({ ...connection, transitions }, 0, width));
    const ways = all.filter(({ attributes }) => attributes['class'] === 'walked').map(pointsOf);
    expect(ways).toHaveLength(2);
    const words = all.filter(
      ({ tag, attributes }) => tag === 'text' && /^tiny/.test(attributes['class'] ?? ''),
    );
    expect(words.length).toBeGreaterThan(15);
    const places = [
      ...words.map(placeOf),
      ...all.filter(({ tag, attributes }) => tag === 'rect' && attributes['class'] === 'fill').map(placeOf),
    ];
    const crossed = places.filter((place) => ways.some((way) => way.some((point) => isIn(point, place))));
    expect(crossed.map(({ name }) => name)).toEqual([]);
    const [viewWidth = 0] = [Number(all[0]?.attributes['width'])];
    for (const [x] of ways.flat()) expect(x > 0 && x < viewWidth).toBe(true);
  });
});

interface Place {
  readonly name: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** The points of a way, a pixel apart. */
function pointsOf({ attributes }: Drawn): [number, number][] {
  const corners = (attributes['d'] ?? '')
    .slice(1)
    .split('L')
    .map((corner) => corner.split(' ').map(Number));
  return corners.slice(1).flatMap(([x = 0, y = 0], i) => {
    const [fromX = 0, fromY = 0] = corners[i] ?? [];
    const steps = Math.ceil(Math.hypot(x - fromX, y - fromY));
    return Array.from({ length: steps + 1 }, (_, step): [number, number] => [
      fromX + ((x - fromX) * step) / steps,
      fromY + ((y - fromY) * step) / steps,
    ]);
  });
}

/** Of a box, or of a text of ten pixels, whose letters are half as wide in most fonts. */
function placeOf({ tag, attributes, children }: Drawn): Place {
  const [x, y] = [Number(attributes['x']), Number(attributes['y'])];
  if (tag === 'rect')
    return {
      name: `box at ${x} ${y}`,
      x: [x, x + Number(attributes['width'])],
      y: [y, y + Number(attributes['height'])],
    };
  const name = String(children[0]);
  const width = name.length * 5;
  const anchor = attributes['class'] ?? '';
  const left = anchor.includes('end') ? x - width : anchor.includes('middle') ? x - width / 2 : x;
  return { name, x: [left, left + width], y: [y - 8, y + 1] };
}

function isIn([x, y]: readonly [number, number], place: Place): boolean {
  return x > place.x[0] && x < place.x[1] && y > place.y[0] && y < place.y[1];
}
