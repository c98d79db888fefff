import { scaleLog } from 'd3-scale';
import type { IdleDocument } from '../../documents/idle.ts';
import { box, type Drawn, line, text } from '../../drawing/drawn.ts';
import { picture, type Room, rowName, within } from '../../drawing/parts.ts';
import { digits, span } from '../../drawing/words.ts';
import { mount } from '../dom.ts';
import { roomFor } from '../room.ts';

type Comparison = IdleDocument['comparisons'][number];

const top = 26;

/** A bar for each client, and a line where the server closes. */
export function idlePicture({ idle, comparisons }: IdleDocument): SVGElement {
  const known = comparisons.flatMap(({ clientIdleMs }) => clientIdleMs ?? []);
  const times = [...known, ...(idle.ms === null ? [] : [idle.ms])].filter((ms) => ms > 0);
  const room = roomFor(280, 1100);
  const { width, left, beside } = room;
  const rowHeight = beside ? 28 : 40;
  const shortest = Math.min(1000, ...times);
  const longest = Math.max(10_000, ...times) * 1.4;
  const right = width - 90;
  const x = scaleLog([shortest, longest], [left, right]);
  const at = (ms: number) => x(Math.max(shortest, ms));
  const bottom = top + comparisons.length * rowHeight + 6;
  const ticks = [1, 10, 60, 600, 3600, 86_400]
    .map((s) => s * 1000)
    .filter((ms) => ms >= shortest && ms <= longest);
  const server: Drawn[] =
    idle.ms === null || (idle.state !== 'closes' && idle.state !== 'open')
      ? []
      : [
          line(at(idle.ms), 16, at(idle.ms), bottom, idle.state === 'closes' ? 'server-closes' : 'round'),
          within(
            at(idle.ms),
            11,
            width,
            'small',
            idle.state === 'closes' ? `the server closes: ${span(idle.ms)}` : `still open: ${span(idle.ms)}`,
          ),
        ];
  const bars = comparisons.map((one, i) => barOf(one, top + i * rowHeight, at, right, room));
  const label = 'How long each side keeps an idle connection; the table below has the numbers';
  return mount(
    picture(
      { width, height: bottom + 22, label },
      ...ticks.flatMap((ms): Drawn[] => [
        line(x(ms), top - 4, x(ms), bottom, 'grid'),
        within(
          x(ms),
          bottom + 15,
          width,
          'tiny',
          ms === 60_000 ? '1 min' : ms === 3_600_000 ? '1 h' : long(ms),
        ),
      ]),
      ...bars.map(({ bar }) => bar),
      ...server,
      ...bars.flatMap(({ words }) => words),
    ),
  );
}

/** The bar of a client, with its words above the line of the server. */
function barOf(
  { client, clientIdleMs, verdict }: Comparison,
  y: number,
  at: (ms: number) => number,
  right: number,
  room: Room,
): { readonly bar: Drawn; readonly words: readonly Drawn[] } {
  const { left, beside } = room;
  const barY = beside ? y : y + 16;
  const end = clientIdleMs === null ? right : at(clientIdleMs);
  const sign = { 'no race': '✔', 'race possible': '✖', 'not measured': '?' }[verdict];
  const kind = { 'no race': 'keeps-good', 'race possible': 'keeps-bad', 'not measured': 'pile-note' }[
    verdict
  ];
  return {
    bar: box(left, barY, Math.max(2, end - left), 18, kind),
    words: [
      rowName(room, y + 14, y + 10, client),
      text(end + 6, barY + 14, 'small', `${sign} ${keepsOf(clientIdleMs)}`),
    ],
  };
}

export function keepsOf(ms: number | null): string {
  return ms === null ? 'no limit' : long(ms);
}

function long(ms: number): string {
  if (ms < 120_000) return span(ms);
  return ms < 7_200_000 ? `${digits(ms / 60_000)} min` : `${digits(ms / 3_600_000)} h`;
}
