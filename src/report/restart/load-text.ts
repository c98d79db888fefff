import { withNewCode } from '../../prose.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { LoadDocument } from '../documents/restart-load.ts';
import type { ReloadDocument } from '../documents/restart-reload.ts';
import type { Paint } from '../paint.ts';
import { hang, together } from '../text.ts';

const labelWidth = 20;

/** What became of the requests: by kind of client, by phase, and why. */
export function loadLines(load: LoadDocument, paint: Paint, reload?: ReloadDocument): string[] {
  const begin = reload === undefined || reload.command === null ? 'signal' : 'command';
  const reloadNames = load.timeline.reloaded === undefined ? phaseNames : phasesOfReload;
  const names = reload === undefined || reload.handover === null ? reloadNames : phasesOfHandover;
  return [
    ...entry('load', `${load.asked}: ${load.request}`),
    ...entry(`after the ${begin}`, timelineOf(load)),
    ...endLines(load),
    ...tableOf(load, paint),
    ...load.phases.flatMap((phase, i) => entry(i === 0 ? 'lost' : '', describePhase(phase, names))),
    ...reasonsOf(load),
    ...load.notes.flatMap((note) => hang('    Note: ', note)),
  ];
}

/** Each cause with its remedy. If several need the same code, it is shown once. */
export function lossLines(losses: LoadDocument['losses']): string[] {
  const shown = new Set<string>();
  return losses.flatMap(({ cause, explanation, remedy }) => [
    ...hang('    ', together(`${cause}: ${explanation}`)),
    ...hang('    Remedy: ', withNewCode(remedy, shown)),
  ]);
}

/** `loses nothing`, `loses 3 of 120`. */
export function describeLoss({ requests, lost, allowedLoss, verdict }: LoadDocument): string {
  if (lost === 0) return `loses nothing (${requests} requests)`;
  const allowed = verdict === 'within the allowed loss' ? `, ${percent(allowedLoss)} is allowed` : '';
  return `loses ${lost} of ${requests} requests (${percent(lost / requests)}${allowed})`;
}

const whens: Readonly<Record<NonNullable<LoadDocument['connections']>[number]['when'], string>> = {
  'at rest': 'at rest',
  'in flight': 'with a request in flight',
};

/** How the old server ended the connections that its clients kept. */
function endLines({ connections = [] }: LoadDocument): string[] {
  return connections.flatMap(({ by, when, count, first, last }, i) => {
    const text = `${count} ended by ${by}, ${whens[when]}, ${between(first, last)}`;
    return entry(i === 0 ? 'kept connections' : '', text);
  });
}

/** Each moment with its source, if the source varies. */
function timelineOf({ timeline }: LoadDocument): string {
  const { listenerCloses, listenerSeenBy, exits, exitSeenBy, startsAgain, listens, listensSeenBy, answers } =
    timeline;
  const moments = [
    [`listener closed${listenerSeenBy == null ? '' : ` (${closedBy[listenerSeenBy]})`}`, listenerCloses],
    [`exited${exitedBy[exitSeenBy ?? 'wait']}`, exits],
    ['started again', startsAgain],
    [`listens (${listensBy[listensSeenBy]})`, timeline.listenerKept ? null : listens],
    ['answers', answers],
    ['reload over', timeline.reloaded ?? null],
  ] as const;
  const known = moments.flatMap(([what, at]) => (at === null ? [] : [`${what} ${ms(at)}`]));
  if (timeline.listenerKept) known.unshift('the listener stayed');
  return known.length === 0 ? 'nothing was seen' : known.join(', ');
}

type Timeline = LoadDocument['timeline'];

const closedBy: Readonly<Record<NonNullable<Timeline['listenerSeenBy']>, string>> = {
  notice: "the kernel's notice",
  table: 'by the table',
  exit: 'by the exit',
  refused: 'a client was refused',
};

const exitedBy: Readonly<Record<NonNullable<Timeline['exitSeenBy']>, string>> = {
  wait: '',
  proc: ' (gone from /proc)',
  refused: ' (a client was refused)',
};

const listensBy: Readonly<Record<Timeline['listensSeenBy'], string>> = {
  calls: 'its own call',
  table: 'by the table',
};

const columns = ['answered', 'cut', 'closed', 'refused', 'reset', 'timedOut', 'garbled', 'notMade'] as const;
const headings: Readonly<Record<(typeof columns)[number], string>> = {
  ...{ answered: 'answered', cut: 'cut', closed: 'closed', refused: 'refused', reset: 'reset' },
  ...{ timedOut: 'timed out', garbled: 'garbled', notMade: 'not made' },
};
const always = new Set<string>(['answered', 'cut', 'closed', 'refused', 'reset']);

/** The results of the requests. Those before the signal are only summed up, unless one was lost. */
function tableOf({ kinds }: LoadDocument, paint: Paint): string[] {
  const shown = columns.filter(
    (column) => always.has(column) || kinds.some(({ before, after }) => before[column] + after[column] > 0),
  );
  const heading = ['', 'before', ...shown.map((column) => headings[column]), 'lost'];
  const rows = kinds.map(({ kind, before, after, lost }) => [
    kind,
    describeBefore(before),
    ...shown.map((column) => (after[column] === 0 ? '-' : String(after[column]))),
    lost === 0 ? '-' : String(lost),
  ]);
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const wide = widths.reduce((sum, width) => sum + width + 2, 2) <= pageWidth();
  const line = (cells: readonly string[]) =>
    `    ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(wide ? '  ' : ' ')}`.trimEnd();
  return [
    paint.faint(line(heading)),
    ...rows.map((row, i) => (kinds[i]?.lost === 0 ? line(row) : paint.bad(line(row)))),
  ];
}

function describeBefore(before: LoadDocument['kinds'][number]['before']): string {
  const all = columns.reduce((sum, column) => sum + before[column], 0);
  return before.answered === all ? `${all}` : `${before.answered} of ${all}`;
}

const phaseNames: Readonly<Record<LoadDocument['phases'][number]['phase'], string>> = {
  draining: 'while the old server drained',
  closing: 'while the old server drained, and had closed its listener',
  down: 'while nothing listened',
  starting: 'while the second start had not answered yet',
  serving: 'while the second start served',
};

const phasesOfReload: typeof phaseNames = {
  ...phaseNames,
  draining: 'on connections from before the reload was over',
  closing: 'on connections from before, when the old listener was closed',
  serving: 'on connections from after the reload',
};

const phasesOfHandover: typeof phaseNames = {
  ...phaseNames,
  draining: 'while the first start drained',
  closing: 'while the first start drained, and had closed its listener',
  starting: 'while both starts listened, before the signal',
  serving: 'when the first start was gone',
};

function describePhase(
  { phase, lost, first, last }: LoadDocument['phases'][number],
  names: typeof phaseNames,
): string {
  return `${lost} ${names[phase]}, ${between(first, last)}`;
}

const reasonNames: Readonly<Record<LoadDocument['reasons'][number]['reason'], string>> = {
  'no listener': 'RST: no listener',
  'unread data': 'RST: the server closed with unread data',
  'accept queue closed': 'RST: in the accept queue of a listener that was closed',
  'not seen': '',
};

function reasonsOf({ reasons }: LoadDocument): string[] {
  const known = reasons.filter(({ reason }) => reason !== 'not seen');
  return known.flatMap(({ reason, lost }, i) =>
    entry(i === 0 ? 'kernel' : '', `${lost}  ${reasonNames[reason]}`),
  );
}

/** `+12 ms to +17 ms`, or `+12 ms` if both are equal. */
function between(first: number | null, last: number | null): string {
  return ms(first) === ms(last) ? ms(first) : `${ms(first)} to ${ms(last)}`;
}

/** `+12 ms`: since the signal. */
function ms(at: number | null): string {
  if (at === null) return '?';
  return at < 0 ? `-${formatSpan(-at)}` : `+${formatSpan(at)}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))}%`;
}

/** A line with a label; numbers and units stay together. */
export function entry(label: string, text: string): string[] {
  return hang(`  ${label.padEnd(labelWidth)}`, together(text));
}
