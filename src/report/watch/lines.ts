import { formatEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import { formatSpan } from '../../time.ts';
import type { WatchDocument } from '../documents/watch.ts';
import type { Paint } from '../paint.ts';

type Transition = Extract<WatchDocument, { type: 'transition' }>;
export type TableDocument = Extract<WatchDocument, { type: 'table' }>;
type TableRow = TableDocument['rows'][number];

// Several transitions of one kind in one look are printed as one line.
const mostSingle = 8;

/** `12:00:01.250  FIN_WAIT2 > TIME_WAIT    127.0.0.1:80 > 127.0.0.1:50512   60 s left`; many similar ones are counted. */
export function transitionLines(transitions: readonly Transition[], paint: Paint): string[] {
  return [...groupBy(transitions, changeOf).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    if (alike.length <= mostSingle) return alike.map((transition) => transitionLine(transition, paint));
    return [`${clock(first, paint)}  ${changeOf(first).padEnd(25)} x${alike.length}`];
  });
}

function transitionLine(transition: Transition, paint: Paint): string {
  const { local, remote, leftMs, processes } = transition;
  const ends =
    remote.port === 0 ? formatEndpoint(local) : `${formatEndpoint(local)} > ${formatEndpoint(remote)}`;
  const left = leftMs === null ? '' : `   ${formatSpan(leftMs)} left`;
  const who = processes.map(({ pid, name }) => `   pid ${pid} ${name}`).join('');
  return `${clock(transition, paint)}  ${changeOf(transition).padEnd(25)} ${ends}${left}${who}`;
}

function changeOf({ from, to }: Transition): string {
  return `${from ?? 'new'} > ${to ?? 'gone'}`;
}

// The time of day on the watching machine.
function clock({ at }: Transition, paint: Paint): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return paint.faint(`${time}.${String(date.getMilliseconds()).padStart(3, '0')}`);
}

/** `port 8080   watched for 12 s, 48 s left   3.2 opened/s, 3.0 ended/s`, the states, and who is connected. */
export function watchLines(
  port: number | null,
  atMs: number,
  table: TableDocument | undefined,
  paint: Paint,
  forMs = 0,
): string[] {
  const what = port === null ? 'the whole machine' : `port ${port}`;
  const left = forMs > atMs ? `, ${formatSpan(forMs - atMs)} left` : '';
  const rates = table?.rates ?? null;
  const pace =
    rates === null ? '' : `   ${rates.opened.toFixed(1)} opened/s, ${rates.ended.toFixed(1)} ended/s`;
  return [
    `${paint.title(what)}   watched for ${formatSpan(atMs)}${left}${pace}`,
    ...tableLines(table?.rows ?? [], paint),
    ...(table === undefined ? [] : remoteLines(table.remotes)),
  ];
}

const shownRemotes = 3;

function remoteLines({ top, addresses }: TableDocument['remotes']): string[] {
  if (addresses === 0) return [];
  const named = top.slice(0, shownRemotes).map(({ address, count }) => `${address} x${count}`);
  const more = addresses - named.length;
  return [`  other ends: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

// The age of a listener is not informative, and growth of zero is not printed.
function timesOf({ state, oldestMs, growthPerSecond }: TableRow): string {
  const growth =
    growthPerSecond === null || Math.abs(growthPerSecond) < 0.05
      ? []
      : [`${growthPerSecond > 0 ? '+' : ''}${growthPerSecond.toFixed(1)}/s`];
  const age =
    oldestMs === null || oldestMs < 1000 || state === 'LISTEN' ? [] : [`oldest ${formatSpan(oldestMs)}`];
  const times = [...growth, ...age];
  return times.length === 0 ? '' : `   ${times.join(', ')}`;
}

export function tableLines(rows: readonly TableRow[], paint: Paint): string[] {
  if (rows.length === 0) return ['  no socket is there'];
  return rows.map((row) => {
    const { state, count, atPort, leftMs, processes, processCount } = row;
    const left = leftMs === null ? '' : `${formatSpan(leftMs)} left`;
    const names = processes.map(({ pid, name }) => `pid ${pid} ${name}`);
    const more = processCount > processes.length ? [`${processCount - processes.length} more`] : [];
    const who = names.length === 0 ? whoHasNone(row) : [...names, ...more].join(', ');
    const aside = atPort === 0 ? paint.faint(' (clients on this machine)') : '';
    return `  ${state.padEnd(16)}${String(count).padStart(6)}   ${left.padEnd(16)}${who}${timesOf(row)}${aside}`;
  });
}

// An established connection without a process has not been accepted yet.
function whoHasNone({ state, ownerless }: TableRow): string {
  if (ownerless === 0) return 'process not seen';
  return state === 'ESTABLISHED' || state === 'CLOSE_WAIT' ? 'waits to be accepted' : 'no process';
}
