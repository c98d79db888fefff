import { scaleLinear } from 'd3-scale';
import type { RestartDocument } from '../documents/restart.ts';
import { box, cross, type Drawn, draw } from './drawn.ts';
import { known, momentHeight, momentLines, picture, roomOf, rowName, type Scale, timeGrid } from './parts.ts';
import { span } from './words.ts';

type Load = NonNullable<RestartDocument['runs'][number]['load']>;
type Lost = Load['lostRequests'][number];

const top = 34;

/**
 * A row for the answers of each kind of client, and one for each class of loss: a ring for a complete answer, a cross for a lost request,
 * and a line from its beginning. Above them, what the server did.
 */
export function requests({ lostRequests, answers = [], timeline }: Load, pictureWidth: number): Drawn {
  const room = roomOf(pictureWidth, 150);
  const { width, left, beside } = room;
  const right = width - 20;
  const rowHeight = beside ? 26 : 38;
  const classes = [...new Set(lostRequests.map((one) => one.class))];
  const rows = [...answers.map(({ kind }) => `answered, ${kind}`), ...classes];
  const moments = known([
    ['starts again', timeline.startsAgain],
    ['listens', timeline.listens],
    ['signal', 0],
    ['listener closes', timeline.listenerCloses],
    ['exits', timeline.exits],
    ['answers', timeline.answers],
    ['reload is over', timeline.reloaded ?? null],
  ]).sort((a, b) => a.at - b.at);
  const times = [
    ...moments.map(({ at }) => at),
    ...answers.flatMap(({ ended }) => ended),
    ...lostRequests.flatMap(({ begun, ended }) => [begun ?? 0, ended ?? 0]),
  ];
  const x = scaleLinear(extent(times), [left, right]).nice(6);
  const firstRow = top + moments.length * momentHeight;
  const bottom = firstRow + rows.length * rowHeight + 10;
  const rowY = (i: number) => firstRow + (i + 1) * rowHeight - 13;
  const label = 'Requests by class over time; the tables below count them and list the lost ones';
  return picture(
    { width, height: bottom + 26, label },
    ...timeGrid(x, 6, { top, bottom }, (ms) => (ms === 0 ? 'signal' : span(ms))),
    ...momentLines(moments, x, room, bottom),
    ...rows.map((name, i) => rowName(room, rowY(i) + 4, rowY(i) - 11, name)),
    ...answers.map(({ ended }, i) => rings(ended.map(x), rowY(i))),
    ...lostRequests.map((one) => dot(one, x, rowY(answers.length + classes.indexOf(one.class)))),
  );
}

function extent(times: readonly number[]): [number, number] {
  return times.reduce<[number, number]>(
    ([least, most], time) => [Math.min(least, time), Math.max(most, time)],
    [0, 1],
  );
}

/** One path for all rings, which is fast even with thousands of them. */
function rings(places: readonly number[], y: number): Drawn {
  const r = 2.5;
  const ring = (x: number) =>
    `M${(x - r).toFixed(1)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  return draw('path', { d: places.map(ring).join(''), class: 'answered-dot' });
}

function dot({ begun, ended, id, kind, cause, ...one }: Lost, x: Scale, y: number): Drawn {
  const to = x(ended ?? begun ?? 0);
  const from = begun === null ? to : x(begun);
  const words = `request ${id}, ${kind}: ${one.class}, ${cause}, ${one.phase}`;
  return draw(
    'g',
    { class: 'request' },
    draw('title', {}, words),
    box(from, y - 1.5, to - from, 3, 'request-time'),
    cross(to, y, 4, 'killed'),
  );
}
