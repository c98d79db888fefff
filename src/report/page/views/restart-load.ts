import { scaleLinear } from 'd3-scale';
import type { RestartDocument } from '../../documents/restart.ts';
import { box, cross, type Drawn, draw, fitted, line, text } from '../../drawing/drawn.ts';
import { span } from '../../drawing/words.ts';
import { folded, h, mount, wide } from '../dom.ts';
import { table } from '../table.ts';

type Load = NonNullable<RestartDocument['runs'][number]['load']>;
type Lost = Load['lostRequests'][number];

const width = 900;
const left = 150;
const right = width - 20;
const rowHeight = 26;
const top = 34;

/** The requests of a load that were lost, each over its time, by what became of it; and what was known of all. */
export function loadOfRestart(load: Load): readonly HTMLElement[] {
  const all = `${load.lost} of ${load.requests} requests lost`;
  return [
    h('h3', {}, `Load: ${load.asked}`),
    h('p', { class: 'result' }, `${load.verdict}: ${all}${load.reason === null ? '' : `, ${load.reason}`}`),
    ...(load.lostRequests.length === 0 ? [] : [wide('Requests that were lost, over time', picture(load))]),
    ...load.losses.map(({ cause, lost, explanation, remedy }) =>
      h('p', { class: 'remedy' }, h('strong', {}, `${cause} (${lost}): `), `${explanation} ${remedy}`),
    ),
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

/** A row for each class, a dot where a request ended, and a line from its beginning; above, what the server did. */
function picture({ lostRequests, timeline }: Load): SVGElement {
  const classes = [...new Set(lostRequests.map((one) => one.class))];
  const moments = [
    ['signal', 0],
    ['listener closes', timeline.listenerCloses],
    ['exits', timeline.exits],
    ['starts again', timeline.startsAgain],
    ['listens', timeline.listens],
    ['answers', timeline.answers],
  ] as const;
  const known = moments.flatMap(([name, at]) => (at === null ? [] : [{ name, at }]));
  const times = [
    ...known.map(({ at }) => at),
    ...lostRequests.flatMap(({ begun, ended }) => [begun ?? 0, ended ?? 0]),
  ];
  const x = scaleLinear([Math.min(...times), Math.max(1, ...times)], [left, right]).nice(6);
  const bottom = top + known.length * 14 + classes.length * rowHeight + 10;
  const rowY = (name: string) => top + known.length * 14 + classes.indexOf(name) * rowHeight + rowHeight / 2;
  return mount(
    draw(
      'svg',
      {
        viewBox: `0 0 ${width} ${bottom + 26}`,
        width,
        height: bottom + 26,
        class: 'lanes',
        role: 'img',
        'aria-label': 'Lost requests by class over time; the table below lists each',
      },
      ...x
        .ticks(6)
        .flatMap((ms): Drawn[] => [
          line(x(ms), top, x(ms), bottom, 'grid'),
          text(x(ms), bottom + 16, 'tiny middle', ms === 0 ? 'signal' : span(ms)),
        ]),
      ...known.flatMap(({ name, at }, i): Drawn[] => {
        const atRight = x(at) > right - 110;
        return [
          line(x(at), 10 + i * 14, x(at), bottom, 'round'),
          text(
            x(at) + (atRight ? -4 : 4),
            14 + i * 14,
            atRight ? 'small end' : 'small',
            `${name} ${at === 0 ? '' : span(at)}`,
          ),
        ];
      }),
      ...classes.map((name) => text(left - 10, rowY(name) + 4, 'small end', fitted(name, left - 12, 11))),
      ...lostRequests.map((one) => dot(one, x, rowY(one.class))),
    ),
  );
}

function dot({ begun, ended, id, kind, cause, ...one }: Lost, x: (ms: number) => number, y: number): Drawn {
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
