import { formatEndpoint } from '../../address.ts';
import type { ConnectionSegment } from '../../observe/packets/connections.ts';
import type { RecordedConnection, Recording } from '../../observe/packets/recording.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { Paint } from '../paint.ts';
import { wrap } from '../text.ts';
import { describeSegment, drawnOf, type LadderRow, ladderRows, replaysIn, type Step } from './rows.ts';

/** `replay`: the line of a segment that tcpclose sent in the name of a side. */
const strokes = {
  box: { line: '─', replay: '╌', side: '│', toServer: '▶', toClient: '◀', cut: '…', more: '⋮', lost: '×' },
  ascii: { line: '-', replay: '.', side: '|', toServer: '>', toClient: '<', cut: '~', more: ':', lost: 'x' },
};

export type LadderForm = keyof typeof strokes;
type Strokes = (typeof strokes)[LadderForm];

const stateWidth = 11;

function timeWidth(): number {
  return pageWidth() < 70 ? 8 : 10;
}

// A line contains: time, gap, state, lifeline, arrow, lifeline, gap, state.
function arrowWidth(): number {
  return pageWidth() - timeWidth() - 2 - stateWidth - 1 - 1 - 1 - 1 - stateWidth;
}

/** Draws figures like those of RFC 9293: states on the left and on the right, and the captured segments between them, in order of time. */
export function ladder(
  recording: Recording,
  steps: readonly Step[],
  form: LadderForm,
  paint: Paint,
): string[] {
  const { drawn, others } = drawnOf(recording);
  const { replay, toServer, line, lost } = strokes[form];
  return [
    ...drawn.flatMap((connection) => [...figure(connection, steps, strokes[form], paint), '']),
    ...replaysIn(drawn, replay.repeat(4) + toServer),
    ...unheardIn(drawn, line.repeat(4) + lost),
    ...others,
    ...remarks(recording),
  ];
}

/** How far the drawing can be relied on. */
export function remarks({ states, whyNotHeld, passed, dropped, unwatched }: Recording): string[] {
  return [
    states === 'traced' ? "states: the kernel's tracepoints" : `states: sock_diag, ${howAsked(whyNotHeld)}`,
    ...(passed === 0 ? [] : [`${passed} segments passed before the states were read: too many came at once`]),
    ...(dropped === 0 ? [] : [`${dropped} packets came too fast and are missing`]),
    ...(unwatched === 0 ? [] : ['the states of some connections are missing: there were too many at once']),
  ];
}

function howAsked(whyNotHeld: string | null): string {
  return whyNotHeld === null
    ? 'asked before and after each segment, while it was held'
    : 'asked repeatedly; states that were too short are missing';
}

function unheardIn(drawn: readonly RecordedConnection[], arrow: string): string[] {
  const some = drawn.some(({ segments }) => segments.some(({ unheard }) => unheard));
  return some ? [`${arrow} arrived, and was dropped before it reached the socket`] : [];
}

/** Pauses of at least this length are shown. */
const idleMs = 500;

function figure(
  connection: RecordedConnection,
  steps: readonly Step[],
  strokes: Strokes,
  paint: Paint,
): string[] {
  const { client, server } = connection;
  let last: number | undefined;
  const gapBefore = (row: LadderRow) => {
    if (!('at' in row)) return [];
    const idle = row.at - (last ?? row.at);
    last = row.at;
    return idle < idleMs
      ? []
      : [drawLine(undefined, {}, ` ${strokes.more} ${formatSpan(idle)}`, strokes, paint.faint)];
  };
  return [
    ...headline('ms', 'client', 'server'),
    ...headline('', formatEndpoint(client), formatEndpoint(server)),
    ...ladderRows(connection, steps).flatMap((row) =>
      [...gapBefore(row), ...drawRow(row, strokes, paint)].map((line) => line.trimEnd()),
    ),
  ];
}

function headline(time: string, left: string, right: string): string[] {
  const indented = `${time.padStart(timeWidth())}  ${left}`;
  const room = pageWidth() - indented.length;
  if (right.length < room) return [indented + right.padStart(room)];
  return [indented, right.padStart(pageWidth())];
}

function drawRow(row: LadderRow, strokes: Strokes, paint: Paint): string[] {
  switch (row.type) {
    case 'step': {
      const text = `${strokes.line.repeat(2)} ${row.text} `;
      const width = pageWidth();
      if (text.length > width) return [`${text.slice(0, width - 2).trimEnd()} ${strokes.cut}`];
      return [text + strokes.line.repeat(width - text.length)];
    }
    case 'segment':
      return drawSegment(row, strokes, paint);
    case 'states':
      return [drawLine(row.at, row.states, '', strokes)];
    case 'left out': {
      const { client, server } = row.bytes;
      const bytes = `with ${client} bytes ${strokes.toServer} and ${server} ${strokes.toClient}`;
      return [`${row.segments} segments`, ...wrap(bytes, arrowWidth() - 4)].map((text) =>
        drawLine(undefined, {}, ` ${strokes.more} ${text}`, strokes),
      );
    }
  }
}

function drawLine(
  at: number | undefined,
  { client = '', server = '' }: { client?: string; server?: string },
  middle: string,
  { side }: Strokes,
  painted: (text: string) => string = String,
): string {
  const time = at === undefined ? '' : formatTime(at);
  const between = painted(middle.padEnd(arrowWidth()));
  return `${time.padStart(timeWidth())}  ${client.padEnd(stateWidth)} ${side}${between}${side} ${server}`;
}

/** Milliseconds with as many digits as fit. */
function formatTime(at: number): string {
  const precise = at.toFixed(3);
  return precise.length <= timeWidth() ? precise : at.toFixed(1);
}

/** An arrow with the words of the segment on it; words that do not fit stand below. */
function drawSegment(
  { at, states, segment }: Extract<LadderRow, { type: 'segment' }>,
  strokes: Strokes,
  paint: Paint,
): string[] {
  const painted = paintOf(segment, paint);
  const room = arrowWidth() - 4;
  const [first = '', ...rest] = wrap(describeSegment(segment), room);
  const arrow = drawArrow(segment, first, room, strokes);
  return [
    drawLine(at, states, arrow, strokes, painted),
    ...rest.map((text) =>
      drawLine(
        undefined,
        {},
        segment.sender === 'client' ? `  ${text}` : `  ${text.padStart(room)}`,
        strokes,
        painted,
      ),
    ),
  ];
}

/** Highlights segments that end a connection. */
function paintOf({ flags }: ConnectionSegment, paint: Paint): (text: string) => string {
  if (flags.includes('RST')) return paint.bad;
  return flags.includes('FIN') ? paint.ending : String;
}

function drawArrow(
  { sender, source, unheard }: ConnectionSegment,
  text: string,
  room: number,
  { line, replay, toServer, toClient, lost }: Strokes,
): string {
  const stroke = source === 'replay' ? replay : line;
  const shaft = stroke.repeat(room - text.length);
  if (unheard) {
    // The arrow of a lost segment ends before the other side.
    const short = stroke.repeat(Math.max(1, shaft.length - 4));
    const rest = ' '.repeat(Math.max(0, shaft.length - short.length));
    return sender === 'client'
      ? `${stroke} ${text} ${short}${lost}`
      : `${rest}${lost}${short} ${text} ${stroke}`;
  }
  return sender === 'client'
    ? `${stroke} ${text} ${shaft}${toServer}`
    : `${toClient}${shaft} ${text} ${stroke}`;
}
