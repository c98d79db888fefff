import { timeWaitMs } from '../../state.ts';
import type { RunDocument } from '../documents/run.ts';
import { type Axis, createAxis } from './axis.ts';
import { beganWords } from './began.ts';
import { binds, checks } from './checks.ts';
import { extentOf, lastedWords, livesOf, type Stay, staysOf, timesOf } from './collect.ts';
import { box, cross, type Drawn, draw, fitted, item, line, svg, text, widthOf } from './drawn.ts';
import { type Gutter, gutterFor, rowName } from './gutter.ts';
import { type Band, stacked } from './parts.ts';
import { patterns } from './patterns.ts';
import { arrows, gapHeight } from './segments.ts';
import { type Connection, endpoint, letterOf, moment, peerName, sides, span, stateName } from './words.ts';

/** The visible part of a run: the time between two moments, and these connections. */
interface View {
  readonly extent: readonly [number, number];
  readonly connections: readonly number[];
  readonly width: number;
}

export const mostConnections = 6;

/** All of a run, as wide as needed. */
export function wholeRun(run: RunDocument, width: number): View {
  const connections = (run.recording?.connections ?? []).map((_, i) => i).slice(0, mostConnections);
  return { extent: extentOf(timesOf(run)), connections, width };
}

const laneHeight = 26;
const margin = { right: 16, top: 4 };
const small = 11;
const mostRows = 12;

/** The states of both ends of each connection over time, the segments between them, and when everything else happened. */
export function lanes(run: RunDocument, view: View): Drawn {
  const { width } = view;
  const gutter = gutterFor(width);
  const right = width - (gutter.above > 0 ? 8 : margin.right);
  const axis = createAxis(timesOf(run), view.extent, [gutter.left, right]);
  const bands = [
    steps(run, axis),
    processes(run, axis, gutter),
    binds(run, axis, gutter),
    ...view.connections.map((index) => connection(run, index, axis, gutter)),
    checks(run, axis, gutter),
    scale(axis, gutter),
  ].filter(({ height }) => height > 0);
  const { height, drawn } = stacked(bands, margin.top);
  const grid = stepLines(run, axis).map((x) => line(x, margin.top, x, height - 30, 'grid'));
  return svg({ width, height, class: 'lanes' }, patterns(), ...grid, ...drawn);
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
    const named = fitted(title, to - x - 12 - widthOf(`${number}  `, small), small);
    const words = named === '' ? (to - x > 16 ? String(number) : '') : `${number}  ${named}`;
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

/** A line for each process, from its report to the kill. */
function processes(run: RunDocument, axis: Axis, gutter: Gutter): Band {
  const lives = livesOf(run).filter(
    ({ born, killed }) => born <= axis.to && (killed?.at ?? axis.to) >= axis.from,
  );
  // Processes of the same name share a row: a server that is restarted a hundred times would fill the picture.
  const rowOf = ({ name, group }: (typeof lives)[number]) => (lives.length > mostRows ? group : name);
  const names = [...new Set(lives.map(rowOf))];
  const reach = 18;
  const height = reach + gutter.above;
  const drawn = names.flatMap((name, row) => {
    const y = row * height + gutter.above + reach / 2;
    const own = lives.filter((life) => rowOf(life) === name);
    return [
      rowName(gutter, y + 4, y - 7, name),
      ...own.flatMap(({ key, name, pid, description, born, killed }, i) => {
        const end = killed?.at ?? own[i + 1]?.born ?? axis.to;
        if (!shown(axis, born, end)) return [];
        const [x, to] = [axis.x(born), axis.x(end)];
        const dies = killed === null ? '' : `, ${killed.by} at ${moment(killed.at)}`;
        return [
          item(
            key,
            `Process ${pid}, ${name}: ${description}, reported at ${moment(born)}${dies}`,
            'process',
            box(x, y - reach / 2, Math.max(to - x, 10), reach, 'reach'),
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

function connection(run: RunDocument, index: number, axis: Axis, gutter: Gutter): Band {
  const connection = run.recording?.connections[index];
  if (connection === undefined || !isInView(connection, axis)) return { height: 0, drawn: [] };
  const [, ended] = extentOf(timesOf(run));
  const titleHeight = 20;
  const { left, above } = gutter;
  const client = titleHeight + above;
  const top = { client, server: client + laneHeight + gapHeight };
  const names = { client: peerName(run, connection, 'client'), server: peerName(run, connection, 'server') };
  const words = `${endpoint(connection.client)} to ${endpoint(connection.server)}`;
  const begun = Math.max(axis.from, connection.segments[0]?.atMs ?? axis.from);
  // The letter of the connection comes first: beside the rows, or at the beginning of their first line.
  const least = above === 0 ? axis.left : axis.left + 18;
  const room = axis.right - least;
  const title = fitted(words, room, small);
  const x = Math.min(axis.x(begun), axis.right - widthOf(title, small));
  return {
    height: titleHeight + above * 2 + laneHeight * 2 + gapHeight + 14,
    drawn: [
      above === 0
        ? text(left - 8, 14, 'letter end', letterOf(index))
        : text(left, 14, 'letter', letterOf(index)),
      text(Math.max(least, x), 14, 'small faint', title),
      rowName(gutter, top.client + 17, top.client - 4, names.client),
      // Arrows reach this lane from above, so its name is below.
      rowName(gutter, top.server + 17, top.server + laneHeight + 13, names.server),
      ...sides.flatMap((side) =>
        staysOf(connection, side).map((stay) => lane(stay, index, connection, axis, top[side], ended)),
      ),
      ...arrows(connection, index, axis, top.client + laneHeight),
    ].filter((drawn) => drawn !== null),
  };
}

function lane(
  stay: Stay,
  index: number,
  connection: Connection,
  axis: Axis,
  y: number,
  ended: number,
): Drawn | null {
  const { state, from, to, index: at, began } = stay;
  const { side } = stay.begin;
  const end = to ?? axis.to;
  if (!shown(axis, from, end) || (end <= axis.from && from < axis.from)) return null;
  const [x, right] = [axis.x(from), axis.x(end)];
  const who = `${side} ${endpoint(connection[side])}`;
  const earliest = began.notBefore ?? from;
  const soft = earliest < from ? axis.x(earliest) : x;
  return item(
    `state:${index}:${at}`,
    `${stateName(state)}, ${who}, began ${beganWords(began)}, ${lastedWords(stay, ended)}${moreOf(stay, ended)}`,
    `state s-${state}`,
    // The change lies between the last look at the state before and this time.
    ...(x - soft > 1 ? [box(soft, y + laneHeight - 4, x - soft, 4, 'fill unsure')] : []),
    box(x, y, Math.max(right - x, 1), laneHeight, 'fill'),
    box(x, y, Math.max(right - x, 1), laneHeight, 'pattern'),
    text(x + 5, y + 17, 'on', wordsIn(right - x - 8, [`${state}${moreOf(stay, ended)}`, state])),
  );
}

/** The first text if it fits; otherwise as much of the second as fits. */
function wordsIn(room: number, choices: readonly [string, string]): string {
  const [long, short] = choices;
  return widthOf(long, small) <= room ? long : fitted(short, room, small);
}

/** How long the kernel still keeps a TIME_WAIT that outlasts the run. */
function moreOf({ state, from, to }: Stay, ended: number): string {
  const left = timeWaitMs - (ended - from);
  return state === 'TIME_WAIT' && to === null && left > 1000
    ? `, about ${Math.round(left / 1000)} s more`
    : '';
}

function scale(axis: Axis, { left, above }: Gutter): Band {
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
      ...(above === 0 ? [text(left - 8, 37, 'small end', 'ms')] : []),
      ...axis.ticks.flatMap(({ x, label }, i) => [
        line(x, 16, x, 24, 'axis'),
        text(x, 37, i === axis.ticks.length - 1 ? 'small end' : i === 0 ? 'small' : 'small middle', label),
      ]),
      ...gaps,
    ],
  };
}
