import type { StepEvent } from '../../events.ts';
import type { ConnectionSegment, Role } from '../../observe/packets/connections.ts';
import type { RecordedConnection, Recording, SideTransition } from '../../observe/packets/recording.ts';
import type { State } from '../../state.ts';

/** A step of the run, at which a ladder is divided. */
export type Step = Pick<StepEvent, 'number' | 'title' | 'at'>;

type States = { readonly [role in Role]?: string };

/** What a ladder shows on one line. Times are in milliseconds since the first segment of the connection. */
export type LadderRow =
  | { readonly type: 'step'; readonly text: string }
  | {
      readonly type: 'segment';
      readonly at: number;
      readonly segment: ConnectionSegment;
      readonly states: States;
    }
  | { readonly type: 'states'; readonly at: number; readonly states: States }
  | {
      readonly type: 'left out';
      readonly segments: number;
      /** Bytes sent by each side. */
      readonly bytes: { readonly [role in Role]: number };
    };

interface Line {
  readonly at: number;
  readonly segment: ConnectionSegment | undefined;
  readonly states: { [role in Role]?: string };
}

/** The states that a side enters when it sends SYN or FIN. */
const bySending: readonly State[] = ['SYN_SENT', 'FIN_WAIT1', 'LAST_ACK'];

/** Events within this time of a segment are shown beside it. */
const besideMs = 0.5;

const mostConnections = 6;

/** The connections that are drawn, and a note on the others. */
export function drawnOf({ connections }: Recording): {
  readonly drawn: readonly RecordedConnection[];
  readonly others: readonly string[];
} {
  if (connections.length === 0) return { drawn: [], others: ['no connection was captured'] };
  const drawn = connections.slice(0, mostConnections);
  const more = connections.length - drawn.length;
  return { drawn, others: more === 0 ? [] : [`and ${more} more connections: --json shows all of them`] };
}

/** A note on segments that are drawn as replays, if there are any. */
export function replaysIn(drawn: readonly RecordedConnection[], arrow: string): string[] {
  const some = drawn.some(({ segments }) => segments.some(({ source }) => source === 'replay'));
  return some ? [`${arrow} replayed: sent by tcpclose on behalf of that side`] : [];
}

/** The lines of a connection's ladder, in order of time. */
export function ladderRows(connection: RecordedConnection, steps: readonly Step[]): LadderRow[] {
  const lines = linesOf(connection);
  const [first] = lines;
  if (first === undefined) return [];
  const origin = connection.segments[0]?.at ?? first.at;
  const rows: LadderRow[] = [];
  // The step in which it began is shown, and later steps as long as something happened.
  let left = steps.filter(
    (step, i) => step.at >= first.at || (steps[i + 1]?.at ?? Number.POSITIVE_INFINITY) > first.at,
  );
  for (const { at, segment, states } of lines) {
    for (const { number, title } of left.filter((step) => step.at <= at))
      rows.push({ type: 'step', text: `${number}  ${title}` });
    left = left.filter((step) => step.at > at);
    rows.push(
      segment === undefined
        ? { type: 'states', at: at - origin, states }
        : { type: 'segment', at: at - origin, segment, states },
    );
  }
  return shortened(rows);
}

/** Segments and changes of state in order of time; a change is placed beside its segment. */
function linesOf({ segments, transitions }: RecordedConnection): Line[] {
  const linked = new Map<ConnectionSegment, Line['states']>();
  const reached = { client: Number.NEGATIVE_INFINITY, server: Number.NEGATIVE_INFINITY };
  const unlinked = transitions.filter((transition) => !link(transition, segments, linked, reached));
  const events = [...segments, ...unlinked].sort((a, b) => a.at - b.at);
  const lines: Line[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    if ('sender' in event) {
      // The state of the sender was reported a moment before this arrived.
      if (last !== undefined && last.segment === undefined && isBySending(last, event)) lines.pop();
      lines.push({
        at: event.at,
        segment: event,
        states: { ...(lines.at(-1) === last ? {} : last?.states), ...linked.get(event) },
      });
    } else if (last !== undefined && isBeside(last, event)) {
      last.states[event.side] = nameOf(event);
    } else {
      lines.push({ at: event.at, segment: undefined, states: { [event.side]: nameOf(event) } });
    }
  }
  return lines;
}

/**
 * Places a change beside the segment that caused it, if known; if several segments did, beside the last one. A change is never placed above
 * an earlier change of the same side: a segment may arrive before one that is processed first, as crossing FINs do.
 */
function link(
  transition: SideTransition,
  segments: readonly ConnectionSegment[],
  linked: Map<ConnectionSegment, Line['states']>,
  reached: { [role in Role]: number },
): boolean {
  const { at, segmentAt, side } = transition;
  const segment = segments.find((one) => one.at === segmentAt && one.at >= reached[side]);
  reached[side] = segment?.at ?? at;
  if (segment === undefined) return false;
  linked.set(segment, { ...linked.get(segment), [side]: nameOf(transition) });
  return true;
}

function isBySending({ at, states }: Line, segment: ConnectionSegment): boolean {
  if (isPlainSegment(segment)) return false;
  return segment.at - at < besideMs && Object.keys(states).every((role) => role === segment.sender);
}

function isBeside(
  { at, segment, states }: Line,
  { side, to, at: seenAt, notBefore }: SideTransition,
): boolean {
  if (states[side] !== undefined || segment === undefined) return false;
  // A call caused it; its segment may leave later.
  if (isPlainSegment(segment) && to !== null && bySending.includes(to)) return false;
  return seenAt - at < besideMs || (notBefore !== null && notBefore <= at);
}

function nameOf({ to }: SideTransition): string {
  return to ?? 'CLOSED';
}

/** In a run of at least this many lines of data, only the first and the last few are shown. */
const mostInRow = 10;
const keptAtEnds = 3;

function shortened(rows: readonly LadderRow[]): LadderRow[] {
  const result: LadderRow[] = [];
  let run: LadderRow[] = [];
  const endRun = () => {
    result.push(...(run.length <= mostInRow ? run : cut(run)));
    run = [];
  };
  for (const row of rows) {
    if (isPlain(row)) {
      run.push(row);
    } else {
      endRun();
      result.push(row);
    }
  }
  endRun();
  return result;
}

function isPlain(row: LadderRow): boolean {
  if (row.type !== 'segment' || Object.keys(row.states).length > 0) return false;
  if (row.segment.source === 'replay') return false;
  return isPlainSegment(row.segment);
}

function isPlainSegment({ flags }: ConnectionSegment): boolean {
  return !flags.some((flag) => flag === 'SYN' || flag === 'FIN' || flag === 'RST');
}

function cut(run: readonly LadderRow[]): LadderRow[] {
  const middle = run.slice(keptAtEnds, -keptAtEnds);
  const bytes = { client: 0, server: 0 };
  for (const row of middle) if (row.type === 'segment') bytes[row.segment.sender] += row.segment.length;
  return [
    ...run.slice(0, keptAtEnds),
    { type: 'left out', segments: middle.length, bytes },
    ...run.slice(-keptAtEnds),
  ];
}

/** `FIN ACK seq 1 ack 1`, `PSH ACK seq 1 ack 1 len 5`. */
export function describeSegment(segment: ConnectionSegment): string {
  const { flags, relativeSequence, relativeAcknowledgment, length } = segment;
  const acknowledgment = relativeAcknowledgment === null ? '' : ` ack ${relativeAcknowledgment}`;
  // SYN and FIN come first, as in the figures of RFC 9293 and in speech.
  const names = [...flags].sort((a, b) => rank(a) - rank(b)).join(' ');
  return `${names} seq ${relativeSequence}${acknowledgment}${length === 0 ? '' : ` len ${length}`}`.trim();
}

function rank(flag: string): number {
  return ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR', 'ACK'].indexOf(flag);
}
