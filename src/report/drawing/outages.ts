import { scaleLinear } from 'd3-scale';
import type { RestartDocument } from '../documents/restart.ts';
import { titleOf } from '../restart/words.ts';
import { box, type Drawn, line, text } from './drawn.ts';
import { picture, type Room, roomOf, rowName, type Scale, timeGrid } from './parts.ts';
import { span } from './words.ts';

type Run = RestartDocument['runs'][number];

/** How long no client was served, in each round of each way to restart, on one linear scale. */
export function outages(runs: readonly Run[], pictureWidth: number): Drawn {
  const room = roomOf(pictureWidth, 270);
  const { width, left, beside } = room;
  const rowHeight = beside ? 34 : 48;
  const measured = runs.flatMap(({ evidence }) => evidence?.outagesMs ?? []).filter((ms) => ms !== null);
  const stops = runs.flatMap(({ evidence }) => evidence?.stopped?.afterMs ?? []);
  const longest = Math.max(1, ...measured, ...stops);
  const x = scaleLinear([0, longest], [left, width - (measured.length < runs.length ? 130 : 80)]).nice(5);
  const height = runs.length * rowHeight + 34;
  const rows = runs.flatMap((run, i) => row(run, (i + 1) * rowHeight - 28, x, room));
  const label = 'Outage of each way to restart; the sections below have the numbers';
  const grid = timeGrid(x, 5, { top: 0, bottom: height - 28 });
  return picture({ width, height, label }, ...grid, ...rows);
}

function row(run: Run, y: number, x: Scale, room: Room): Drawn[] {
  const { outageMs, evidence } = run;
  const stopped = evidence?.stopped?.afterMs ?? null;
  const label = rowName(room, y + 15, y - 4, titleOf(run));
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
