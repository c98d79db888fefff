import { scaleLinear } from 'd3-scale';
import type { RestartDocument } from '../../documents/restart.ts';
import { box, type Drawn, draw, fitted, line, text } from '../../drawing/drawn.ts';
import { span } from '../../drawing/words.ts';
import { titleOf } from '../../restart/words.ts';
import { h, mount, section, wide } from '../dom.ts';
import { roomFor } from '../room.ts';

type Run = RestartDocument['runs'][number];

/** How long nobody was served, in each round of each way to restart, on one linear scale. */
export function outagePicture(runs: readonly Run[]): readonly HTMLElement[] {
  if (runs.length === 0) return [];
  const { width, left, beside } = roomFor(250, 1000);
  const rowHeight = beside ? 34 : 48;
  const outages = runs.flatMap(({ evidence }) => evidence?.outagesMs ?? []).filter((ms) => ms !== null);
  const stops = runs.flatMap(({ evidence }) => evidence?.stopped?.afterMs ?? []);
  const longest = Math.max(1, ...outages, ...stops);
  const x = scaleLinear([0, longest], [left, width - 80]).nice(5);
  const height = runs.length * rowHeight + 34;
  const rows = runs.flatMap((run, i) => row(run, (i + 1) * rowHeight - 28, x, { left, beside }));
  const ticks = x
    .ticks(5)
    .flatMap((ms): Drawn[] => [
      line(x(ms), 0, x(ms), height - 28, 'grid'),
      text(x(ms), height - 10, 'small middle', span(ms)),
    ]);
  const svg = mount(
    draw(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        class: 'lanes',
        role: 'img',
        'aria-label': 'Outage of each way to restart; the sections below have the numbers',
      },
      ...ticks,
      ...rows,
    ),
  );
  return [
    section(
      'The outage',
      h(
        'p',
        { class: 'note' },
        'From the signal until a new client was served. The grey part is the time until the old server had ended. Of several rounds each is a mark, and the bar is their median.',
      ),
      wide('Outage', svg),
    ),
  ];
}

function row(
  run: Run,
  y: number,
  x: (ms: number) => number,
  { left, beside }: { readonly left: number; readonly beside: boolean },
): Drawn[] {
  const { outageMs, evidence } = run;
  const stopped = evidence?.stopped?.afterMs ?? null;
  const label = beside
    ? text(left - 10, y + 15, 'small end', fitted(titleOf(run), left - 12, 11))
    : text(left, y - 4, 'small', titleOf(run));
  if (outageMs === null) {
    const words = run.verdict === 'fails' ? 'not served again' : 'not measured';
    return [
      label,
      ...(stopped === null ? [] : [box(x(0), y + 2, x(stopped) - x(0), 18, 'stopping')]),
      text(x(stopped ?? 0) + 8, y + 15, 'small bad', `✖ ${words}`),
    ];
  }
  return [
    label,
    box(x(0), y + 2, x(outageMs) - x(0), 18, 'outage'),
    ...(stopped === null ? [] : [box(x(0), y + 2, x(Math.min(stopped, outageMs)) - x(0), 18, 'stopping')]),
    ...(evidence?.outagesMs ?? []).flatMap((ms) =>
      ms === null ? [] : [line(x(ms), y - 1, x(ms), y + 23, 'round')],
    ),
    text(x(outageMs) + 8, y + 15, 'small', span(outageMs)),
  ];
}
