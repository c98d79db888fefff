import type { Axis } from './axis.ts';
import { box, cross, type Drawn, draw, item, line, text, widthOf } from './drawn.ts';
import { type Connection, describeSegment, flagsOf, moment, remarksOf, type Segment } from './words.ts';

/** The space between the two lanes of a connection. */
export const gapHeight = 84;
const levels = [18, 34, 50, 66, 80];
const size = 11;
/** Arrows closer than this cannot be told apart: those of plain data are drawn as one. */
const manyArrows = 300;
const closePixels = 3;

interface Placed {
  readonly segment: Segment;
  readonly index: number;
  readonly x: number;
}

/** The segments between the lanes, each at the time of its arrival. */
export function arrows(connection: Connection, of: number, axis: Axis, top: number): Drawn[] {
  const inView = connection.segments
    .map((segment, index) => ({ segment, index, x: axis.x(segment.atMs) }))
    .filter(({ segment: { atMs } }) => atMs >= axis.from && atMs <= axis.to);
  const { single, crowds } = inView.length > manyArrows ? crowded(inView) : { single: inView, crowds: [] };
  const words = labels(single, axis);
  return [
    ...crowds.map((crowd) => drawCrowd(crowd, of, top)),
    ...single.map((placed) => arrow(placed, of, top)),
    // Words are drawn after all arrows, and so in front of those that they cross.
    ...[...words].map(([one, { x, to, y, words }]) =>
      draw(
        'g',
        { class: `segment ${kindOf(one.segment)}` },
        x > one.x ? text(x, top + y, 'flags', words) : text(to, top + y, 'flags end', words),
      ),
    ),
  ];
}

function arrow({ segment, index, x }: Placed, of: number, top: number): Drawn {
  const down = segment.from === 'client';
  const [from, to] = down ? [top + 1, top + gapHeight - 1] : [top + gapHeight - 1, top + 1];
  const lost = segment.unheard;
  const end = lost ? from + (to - from) * 0.82 : to;
  const way = down ? 'client to server' : 'server to client';
  const kind = `${kindOf(segment)}${segment.source === 'replay' ? ' replay' : ''}`;
  return item(
    `segment:${of}:${index}`,
    [describeSegment(segment), way, `at ${moment(segment.atMs)}`, ...remarksOf(segment)].join(', '),
    `segment ${kind}`,
    box(x - 4, top, 8, gapHeight, 'reach'),
    line(x, from, x, end - (down ? 5 : -5) * (lost ? 0 : 1), 'shaft'),
    lost ? cross(x, end, 4, 'lost') : head(x, end, down),
  );
}

function head(x: number, y: number, down: boolean): Drawn {
  const back = down ? y - 7 : y + 7;
  return draw('path', {
    d: `M${f(x)} ${f(y)}L${f(x - 3.5)} ${f(back)}L${f(x + 3.5)} ${f(back)}Z`,
    class: 'head',
  });
}

function f(value: number): string {
  return value.toFixed(1);
}

/** Segments that end or begin a connection stand out. */
function kindOf({ flags, length }: Segment): string {
  if (flags.includes('RST')) return 'rst';
  if (flags.includes('FIN')) return 'fin';
  if (flags.includes('SYN')) return 'syn';
  return length > 0 ? 'data' : 'plain';
}

interface Label {
  readonly x: number;
  readonly to: number;
  readonly y: number;
  readonly words: string;
}

/**
 * A description of each segment beside its arrow. SYN, FIN, RST and data get at least their flags, even across other arrows; numbers, and
 * the flags of plain ACKs, are written only if nothing is in the way. What finds no room is in the label of the arrow and in the table of
 * segments.
 */
function labels(placed: readonly Placed[], axis: Axis): Map<Placed, Label> {
  const found = new Map<Placed, Label>();
  const rank = ({ segment }: Placed) => ['rst', 'fin', 'syn', 'data', 'plain'].indexOf(kindOf(segment));
  const tryAt = (one: Placed, words: string, x: number, mayCross: (other: Placed) => boolean): boolean => {
    const to = x + widthOf(words, size);
    const isInTheWay = (other: Placed) =>
      other !== one && other.x > x - 4 && other.x < to + 2 && !mayCross(other);
    if (x < axis.left || to > axis.right + 8 || placed.some(isInTheWay)) return false;
    const others = [...found].filter(([other]) => other !== one).map(([, at]) => at);
    const y = levels.find((level) => !others.some((at) => at.y === level && at.x < to + 6 && at.to > x - 6));
    if (y === undefined) return false;
    found.set(one, { x, y, words, to });
    return true;
  };
  const tryPlace = (one: Placed, words: string, mayCross: (other: Placed) => boolean): boolean =>
    tryAt(one, words, one.x + 6, mayCross) || tryAt(one, words, one.x - 6 - widthOf(words, size), mayCross);
  const byRank = placed.toSorted((a, b) => rank(a) - rank(b) || a.x - b.x);
  const [important, plain] = [byRank.filter((one) => rank(one) < 4), byRank.filter((one) => rank(one) === 4)];
  for (const one of important) {
    const { segment } = one;
    const short = `${flagsOf(segment)}${segment.length > 0 ? ` ${segment.length}` : ''}`;
    // Cross as little as possible: first nothing, then only data and plain ACKs, then anything.
    for (const least of [5, 3, 0]) if (tryPlace(one, short, (other) => rank(other) >= least)) break;
  }
  for (const one of important) if (found.has(one)) tryPlace(one, describeSegment(one.segment), () => false);
  for (const one of plain) tryPlace(one, describeSegment(one.segment), () => false);
  return found;
}

/** Plain data that is too close together is drawn as one; everything else stays single. */
function crowded(placed: readonly Placed[]): { single: Placed[]; crowds: Placed[][] } {
  const single: Placed[] = [];
  const crowds: Placed[][] = [];
  let crowd: Placed[] = [];
  const end = () => {
    if (crowd.length > 1) crowds.push(crowd);
    else single.push(...crowd);
    crowd = [];
  };
  for (const one of placed) {
    if (
      ['rst', 'fin', 'syn'].includes(kindOf(one.segment)) ||
      one.segment.source === 'replay' ||
      one.segment.unheard
    ) {
      single.push(one);
    } else {
      if (crowd[0] !== undefined && one.x - crowd[0].x > closePixels) end();
      crowd.push(one);
    }
  }
  end();
  return { single, crowds };
}

function drawCrowd(crowd: readonly Placed[], of: number, top: number): Drawn {
  const [first, last] = [crowd[0], crowd.at(-1)];
  const [from, to] = [first?.x ?? 0, last?.x ?? 0];
  const bytes = (side: string) =>
    crowd.reduce((sum, { segment }) => sum + (segment.from === side ? segment.length : 0), 0);
  const times = `from ${moment(first?.segment.atMs ?? 0)} to ${moment(last?.segment.atMs ?? 0)}`;
  const label = `${crowd.length} segments ${times}: ${bytes('client')} bytes from the client, ${bytes('server')} from the server`;
  return item(
    `crowd:${of}:${first?.index ?? 0}:${last?.index ?? 0}`,
    label,
    'segment crowd',
    box(from - 1, top + 2, Math.max(to - from, 1) + 1, gapHeight - 4, 'many'),
  );
}
