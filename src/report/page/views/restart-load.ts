import { scaleLinear } from 'd3-scale';
import { blocksOf, withNewCode } from '../../../prose.ts';
import type { RestartDocument } from '../../documents/restart.ts';
import { box, cross, type Drawn, draw } from '../../drawing/drawn.ts';
import { span } from '../../drawing/words.ts';
import { folded, h, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { roomFor } from '../room.ts';
import { table } from '../table.ts';
import { remedyText } from './parts.ts';
import { known, momentHeight, momentLines, picture, rowName, type Scale, timeGrid } from './picture-parts.ts';

type Load = NonNullable<RestartDocument['runs'][number]['load']>;
type Lost = Load['lostRequests'][number];

const top = 34;

/**
 * The requests of a load, each at its time, by result; and why some were lost.
 * @param above the remedy that the page shows before
 */
export function loadOfRestart(load: Load, above: string | null): readonly HTMLElement[] {
  const all = `${load.lost} of ${load.requests} requests lost`;
  return [
    h('h3', {}, `Load: ${load.asked}`),
    h('p', { class: 'result' }, `${load.verdict}: ${all}${load.reason === null ? '' : `, ${load.reason}`}`),
    ...(load.lostRequests.length === 0 && load.answers === undefined
      ? []
      : [redrawn(wide('Requests over time'), () => requestsPicture(load)), ...leftOut(load)]),
    ...lossesOf(load, above),
    table('Requests by kind of client', load.kinds, [
      { title: 'kind', cell: ({ kind }) => kind },
      { title: 'answered', kind: 'number', cell: ({ after }) => String(after.answered) },
      { title: 'lost', kind: 'number', cell: ({ lost }) => String(lost) },
      {
        title: 'how',
        cell: ({ after }) =>
          Object.entries(after)
            .filter(([name, count]) => name !== 'answered' && count > 0)
            .map(([name, count]) => `${name} ${count}`)
            .join(', '),
      },
    ]),
    ...(load.lostRequests.length === 0
      ? []
      : [
          folded(`Lost requests (${load.lostRequests.length})`, 'closed', () => [
            lostTable(load.lostRequests),
          ]),
        ]),
    ...load.notes.map((note) => h('p', { class: 'note' }, note)),
  ];
}

function lossesOf({ losses }: Load, above: string | null): HTMLElement[] {
  const shown = new Set(blocksOf(above ?? '').map(({ text }) => text));
  return losses.map(({ cause, lost, explanation, remedy }) =>
    remedyText(
      'Remedy: ',
      remedy === above ? 'the one above' : withNewCode(remedy, shown),
      h('p', {}, h('strong', {}, `${cause} (${lost}): `), explanation),
    ),
  );
}

function lostTable(lost: readonly Lost[]): HTMLElement {
  const time = (ms: number | null) => (ms === null ? '' : `${ms} ms`);
  return table('Lost requests', lost, [
    { title: 'id', kind: 'number', cell: ({ id }) => String(id) },
    { title: 'kind', cell: ({ kind }) => kind },
    { title: 'class', cell: (one) => one.class },
    { title: 'begun', kind: 'number', cell: ({ begun }) => time(begun) },
    { title: 'ended', kind: 'number', cell: ({ ended }) => time(ended) },
    { title: 'phase', cell: ({ phase }) => phase },
    { title: 'reason', cell: ({ reason }) => reason },
  ]);
}

/** A document has at most this many answers of a kind with their times. */
const mostAnswers = 1000;

function leftOut({ answers = [] }: Load): HTMLElement[] {
  const kinds = answers.filter(({ ended }) => ended.length >= mostAnswers).map(({ kind }) => kind);
  if (kinds.length === 0) return [];
  const words = `Only the first ${mostAnswers} answers of a kind have a ring (${kinds.join(', ')}): the table counts all of them.`;
  return [h('p', { class: 'note' }, words)];
}

/**
 * A row for the answers of each kind of client, and one for each class of loss: a ring for a complete answer, a cross for a lost request,
 * and a line from its beginning. Above them, what the server did.
 */
function requestsPicture({ lostRequests, answers = [], timeline }: Load): SVGElement {
  const room = roomFor(150, 1580);
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

/** One path for all of them: thousands remain fast. */
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
