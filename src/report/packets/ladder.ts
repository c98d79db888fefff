import { formatEndpoint } from '../../address.ts';
import type { RecordedConnection, Recording } from '../../observe/packets/recording.ts';
import { pageWidth } from '../text.ts';
import { describeSegment, drawnOf, type LadderRow, ladderRows, replaysIn, type Step } from './rows.ts';

export type LadderForm = 'box' | 'ascii';

interface Strokes {
  readonly line: string;
  /** Of what was sent in the name of a side. */
  readonly replay: string;
  readonly side: string;
  readonly toServer: string;
  readonly toClient: string;
  readonly cut: string;
  readonly more: string;
}

const strokes: Readonly<Record<LadderForm, Strokes>> = {
  box: { line: '─', replay: '╌', side: '│', toServer: '▶', toClient: '◀', cut: '…', more: '⋮' },
  ascii: { line: '-', replay: '.', side: '|', toServer: '>', toClient: '<', cut: '~', more: ':' },
};

const timeWidth = 10;
const stateWidth = 11;
// Time, a gap, a state, a line, the arrows, a line, a gap, a state.
const arrowWidth = pageWidth - timeWidth - 2 - stateWidth - 1 - 1 - 1 - 1 - stateWidth;

/** Figures as those of RFC 9293: states at the left and at the right, and what was captured between them, in time. */
export function ladder(recording: Recording, steps: readonly Step[], form: LadderForm): string[] {
  const { drawn, others } = drawnOf(recording);
  const { replay, toServer } = strokes[form];
  return [
    ...drawn.flatMap((connection) => [...figure(connection, steps, strokes[form]), '']),
    ...replaysIn(drawn, replay.repeat(4) + toServer),
    ...others,
    ...remarks(recording),
  ];
}

/** How far what is shown can be relied on. */
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
    ? 'asked before and after each segment, which waited meanwhile'
    : 'asked repeatedly; states that were too short are missing';
}

function figure(connection: RecordedConnection, steps: readonly Step[], strokes: Strokes): string[] {
  const { client, server } = connection;
  return [
    headline('ms', 'client', 'server'),
    headline('', formatEndpoint(client), formatEndpoint(server)),
    ...ladderRows(connection, steps).flatMap((row) => drawRow(row, strokes).map((line) => line.trimEnd())),
  ];
}

function headline(time: string, left: string, right: string): string {
  const indented = `${time.padStart(timeWidth)}  ${left}`;
  return indented + right.padStart(pageWidth - indented.length);
}

function drawRow(row: LadderRow, strokes: Strokes): string[] {
  switch (row.type) {
    case 'step': {
      const text = `${strokes.line.repeat(2)} ${row.text} `;
      if (text.length > pageWidth) return [`${text.slice(0, pageWidth - 2).trimEnd()} ${strokes.cut}`];
      return [text + strokes.line.repeat(pageWidth - text.length)];
    }
    case 'segment':
      return [drawLine(row.at, row.states, drawArrow(row, strokes), strokes)];
    case 'states':
      return [drawLine(row.at, row.states, ' '.repeat(arrowWidth), strokes)];
    case 'left out': {
      const { client, server } = row.bytes;
      return [
        `${row.segments} segments`,
        `with ${client} bytes ${strokes.toServer} and ${server} ${strokes.toClient}`,
      ].map((text) => drawLine(undefined, {}, ` ${strokes.more} ${text}`.padEnd(arrowWidth), strokes));
    }
  }
}

function drawLine(
  at: number | undefined,
  { client = '', server = '' }: { client?: string; server?: string },
  middle: string,
  { side }: Strokes,
): string {
  const time = at === undefined ? '' : at.toFixed(3);
  return `${time.padStart(timeWidth)}  ${client.padEnd(stateWidth)} ${side}${middle}${side} ${server}`;
}

function drawArrow({ segment }: Extract<LadderRow, { type: 'segment' }>, strokes: Strokes): string {
  const room = arrowWidth - 4;
  const whole = describeSegment(segment);
  const text = whole.length > room ? whole.slice(0, room - 1) + strokes.cut : whole;
  const line = segment.source === 'replay' ? strokes.replay : strokes.line;
  const shaft = line.repeat(room - text.length + 1);
  return segment.sender === 'client'
    ? `${line} ${text} ${shaft.slice(1)}${strokes.toServer}`
    : `${strokes.toClient}${shaft.slice(1)} ${text} ${line}`;
}
