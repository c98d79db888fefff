import type { RunDocument } from '../documents/run.ts';
import { type Axis, createAxis } from './axis.ts';
import { checks } from './checks.ts';
import { extentOf, livesOf, type Stay, staysOf, timesOf } from './collect.ts';
import { box, cross, type Drawn, draw, fitted, item, line, text, widthOf } from './drawn.ts';
import { patterns } from './patterns.ts';
import { arrows, gapHeight } from './segments.ts';
import { type Connection, endpoint, letterOf, moment, peerName, sides, span, stateName } from './words.ts';

/** What is shown of a run: the time between two moments, and these connections. */
export interface View {
  readonly extent: readonly [number, number];
  readonly connections: readonly number[];
  readonly width: number;
}

export const mostConnections = 6;

/** All of a run, as wide as wanted. */
export function wholeRun(run: RunDocument, width: number): View {
  const connections = (run.recording?.connections ?? []).map((_, i) => i).slice(0, mostConnections);
  return { extent: extentOf(timesOf(run)), connections, width };
}

const laneHeight = 26;
const margin = { right: 16, top: 4 };
const small = 11;

/** The states of both ends of each connection over time, the segments between them, and what else happened when. */
export function lanes(run: RunDocument, view: View): Drawn {
  const { width } = view;
  const left = width < 700 ? 88 : 132;
  const axis = createAxis(timesOf(run), view.extent, [left, width - margin.right]);
  const bands = [
    steps(run, axis),
    processes(run, axis, left),
    ...view.connections.map((index) => connection(run, index, axis, left)),
    checks(run, axis, left),
    scale(axis, left),
  ].filter(({ height }) => height > 0);
  let y = margin.top;
  const placed = bands.map(({ height, drawn }) => {
    const group = draw('g', { transform: `translate(0 ${y})` }, ...drawn);
    y += height;
    return group;
  });
  const grid = stepLines(run, axis).map((x) => line(x, margin.top, x, y - 30, 'grid'));
  return draw(
    'svg',
    { viewBox: `0 0 ${width} ${y}`, width, height: y, class: 'lanes' },
    patterns(),
    ...grid,
    ...placed,
  );
}

/** A part of the picture, by its height. */
export interface Band {
  readonly height: number;
  readonly drawn: readonly Drawn[];
}

const shown = (axis: Axis, from: number, to: number) => to >= axis.from && from <= axis.to;

function stepLines({ steps }: RunDocument, axis: Axis): number[] {
  return steps
    .filter(({ number, atMs }) => number > 0 && atMs >= axis.from && atMs <= axis.to)
    .map(({ atMs }) => axis.x(atMs));
}

function steps({ steps }: RunDocument, axis: Axis): Band {
  const numbered = steps.filter(({ number }) => number > 0);
  const drawn = numbered.flatMap(({ number, title, atMs }, i) => {
    const end = numbered[i + 1]?.atMs ?? axis.to;
    if (end <= axis.from || (atMs >= axis.to && i > 0)) return [];
    const [x, to] = [axis.x(atMs), axis.x(end)];
    const words = fitted(`${number}  ${title}`, to - x - 12, small) || String(number);
    const label = `Step ${number} at ${moment(atMs)}: ${title}`;
    return [
      item(
        `step:${number}`,
        label,
        'step',
        box(x + 1, 0, to - x - 2, 22, 'band'),
        text(x + 7, 15, 'small', words),
      ),
    ];
  });
  return { height: drawn.length === 0 ? 0 : 32, drawn };
}

/** A line for each process, from its announcement to the kill; those of one name share it. */
function processes(run: RunDocument, axis: Axis, left: number): Band {
  const lives = livesOf(run).filter(
    ({ born, killed }) => born <= axis.to && (killed?.at ?? axis.to) >= axis.from,
  );
  const names = [...new Set(lives.map(({ name }) => name))];
  const height = 18;
  const drawn = names.flatMap((name, row) => {
    const y = row * height + height / 2;
    const own = lives.filter((life) => life.name === name);
    return [
      text(left - 8, y + 4, 'small end', fitted(name, left - 10, small)),
      ...own.flatMap(({ key, pid, description, born, killed }, i) => {
        const end = killed?.at ?? own[i + 1]?.born ?? axis.to;
        if (!shown(axis, born, end)) return [];
        const [x, to] = [axis.x(born), axis.x(end)];
        const dies = killed === null ? '' : `, ${killed.by} at ${moment(killed.at)}`;
        return [
          item(
            key,
            `Process ${pid}, ${name}: ${description}, since ${moment(born)}${dies}`,
            'process',
            box(x, y - height / 2, Math.max(to - x, 10), height, 'reach'),
            line(x, y, to, y, killed === null ? 'life alive' : 'life'),
            ...(born >= axis.from ? [draw('circle', { cx: x, cy: y, r: 4, class: 'born' })] : []),
            ...(killed !== null && killed.at <= axis.to ? [cross(to, y, 4.5, 'killed')] : []),
          ),
        ];
      }),
    ];
  });
  return { height: names.length === 0 ? 0 : names.length * height + 10, drawn };
}

function isInView(connection: Connection, axis: Axis): boolean {
  const stays = sides.flatMap((side) => staysOf(connection, side));
  return (
    connection.segments.some(({ atMs }) => atMs >= axis.from && atMs <= axis.to) ||
    stays.some(({ from, to }) => from < axis.to && (to ?? axis.to) > axis.from)
  );
}

function connection(run: RunDocument, index: number, axis: Axis, left: number): Band {
  const connection = run.recording?.connections[index];
  if (connection === undefined || !isInView(connection, axis)) return { height: 0, drawn: [] };
  const titleHeight = 20;
  const top = { client: titleHeight, server: titleHeight + laneHeight + gapHeight };
  const names = { client: peerName(run, connection, 'client'), server: peerName(run, connection, 'server') };
  const words = `${endpoint(connection.client)} to ${endpoint(connection.server)}`;
  const begun = Math.max(axis.from, connection.segments[0]?.atMs ?? axis.from);
  const room = axis.right - axis.left;
  const title = fitted(words, room, small);
  const x = Math.min(axis.x(begun), axis.right - widthOf(title, small));
  return {
    height: titleHeight + laneHeight * 2 + gapHeight + 14,
    drawn: [
      text(left - 8, 14, 'letter end', letterOf(index)),
      text(Math.max(axis.left, x), 14, 'small faint', title),
      ...sides.map((side) =>
        text(left - 8, top[side] + 17, 'small end', fitted(names[side], left - 10, small)),
      ),
      ...sides.flatMap((side) =>
        staysOf(connection, side).map((stay) => lane(stay, index, side, connection, axis, top[side])),
      ),
      ...arrows(connection, index, axis, top.client + laneHeight),
    ].filter((drawn) => drawn !== null),
  };
}

function lane(
  { state, from, to, index: at, begin }: Stay,
  index: number,
  side: string,
  connection: Connection,
  axis: Axis,
  y: number,
): Drawn | null {
  const end = to ?? axis.to;
  if (!shown(axis, from, end) || (end <= axis.from && from < axis.from)) return null;
  const [x, right] = [axis.x(from), axis.x(end)];
  const lasts = to === null ? `still there at the end, ${span(end - from)} later` : `for ${span(to - from)}`;
  const who = `${side} ${endpoint(connection[side === 'client' ? 'client' : 'server'])}`;
  // A socket is in SYN_SENT before its SYN arrives, also if it was seen there later.
  const earliest = begin.notBeforeMs ?? begin.segmentAtMs ?? from;
  const soft = earliest < from ? axis.x(earliest) : x;
  return item(
    `state:${index}:${at}`,
    `${stateName(state)}, ${who}, from ${moment(from)} ${lasts}`,
    `state s-${state}`,
    // The change lies between the last look and this one.
    ...(x - soft > 1 ? [box(soft, y + laneHeight - 4, x - soft, 4, 'fill unsure')] : []),
    box(x, y, Math.max(right - x, 1), laneHeight, 'fill'),
    box(x, y, Math.max(right - x, 1), laneHeight, 'pattern'),
    text(x + 5, y + 17, 'on', fitted(state, right - x - 8, small)),
  );
}

function scale(axis: Axis, left: number): Band {
  const gaps = axis.ticks.slice(1).flatMap((tick, i) => {
    const before = axis.ticks[i];
    if (before === undefined) return [];
    const words = span(tick.at - before.at);
    const x = (before.x + tick.x) / 2;
    if (widthOf(words, 10) > tick.x - before.x - 8) return [];
    return [text(x, 14, 'tiny middle', words)];
  });
  return {
    height: 46,
    drawn: [
      line(axis.left, 20, axis.right, 20, 'axis'),
      text(left - 8, 37, 'small end', 'ms'),
      ...axis.ticks.flatMap(({ x, label }, i) => [
        line(x, 16, x, 24, 'axis'),
        text(x, 37, i === axis.ticks.length - 1 ? 'small end' : i === 0 ? 'small' : 'small middle', label),
      ]),
      ...gaps,
    ],
  };
}
