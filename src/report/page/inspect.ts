import type { RunDocument } from '../documents/run.ts';
import { livesOf, staysOf } from '../drawing/collect.ts';
import { describeSegment, endpoint, moment, peerName, type Side, span, stateName } from '../drawing/words.ts';

/** What is known of one thing in the picture: facts by name, and what was read word for word. */
export interface Inspected {
  readonly title: string;
  readonly facts: readonly (readonly [string, string | null])[];
  readonly raw: string | null;
}

/** Looks up in the document what a key of the picture names; null if it names nothing. */
export function inspect(run: RunDocument, key: string): Inspected | null {
  const [kind, ...numbers] = key.split(':');
  const [first = 0, second = 0] = numbers.map(Number);
  switch (kind) {
    case 'segment':
      return ofSegment(run, first, second);
    case 'state':
      return ofState(run, first, second);
    case 'check':
      return ofCheck(run, first);
    case 'step':
      return ofStep(run, first);
    case 'party':
      return ofParty(run, key);
    case 'crowd':
      return ofCrowd(run, first, second, Number(numbers[2]));
    default:
      return null;
  }
}

function ofSegment({ recording }: RunDocument, of: number, index: number): Inspected | null {
  const connection = recording?.connections[of];
  const segment = connection?.segments[index];
  if (connection === undefined || segment === undefined) return null;
  const to = segment.from === 'client' ? 'server' : 'client';
  const times = segment.timestamps;
  return {
    title: describeSegment(segment),
    facts: [
      ['arrived at', moment(segment.atMs)],
      ['from', `${segment.from} ${endpoint(connection[segment.from])}`],
      ['to', `${to} ${endpoint(connection[to])}`],
      [
        'sent by',
        segment.source === 'replay' ? 'tcpclose, as a replay in the name of that side' : 'the kernel',
      ],
      ['fate', segment.unheard ? 'dropped before it reached the socket' : null],
      ['number', `${segment.rawSequence} in the header`],
      [
        'acknowledges',
        segment.rawAcknowledgment === null ? null : `${segment.rawAcknowledgment} in the header`,
      ],
      ['window', `${segment.window} in the header`],
      ['timestamps', times === null ? null : `value ${times.value}, echo ${times.echo}`],
      ['data', `${segment.length} bytes`],
    ],
    raw: hexLines(segment.bytes),
  };
}

/** 16 bytes in a line, with their offset. */
function hexLines(bytes: string): string {
  const pairs = bytes.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += 16)
    lines.push(`${at.toString(16).padStart(4, '0')}  ${pairs.slice(at, at + 16).join(' ')}`);
  return lines.join('\n');
}

function ofState(run: RunDocument, of: number, index: number): Inspected | null {
  const connection = run.recording?.connections[of];
  const change = connection?.transitions[index];
  if (connection === undefined || change === undefined) return null;
  const { side, from, to, atMs, notBeforeMs, segmentAtMs } = change;
  const end = staysOf(connection, side).find((stay) => stay.index === index)?.to ?? null;
  const cause = connection.segments.find((segment) => segment.atMs === segmentAtMs);
  const own = endpoint(connection[side]);
  const other = endpoint(connection[side === 'client' ? 'server' : 'client']);
  return {
    title: `${stateName(from)} to ${stateName(to)}`,
    facts: [
      ['end', `${peerName(run, connection, side)} (${side}), ${own}`],
      ['seen at', moment(atMs)],
      ['not before', notBeforeMs === null || notBeforeMs === atMs ? null : moment(notBeforeMs)],
      ['lasted', to === null ? null : end === null ? 'to the end of the run' : span(end - atMs)],
      ['came with', cause === undefined ? null : `${describeSegment(cause)}, ${moment(cause.atMs)}`],
      ['source', sourceOf(run)],
    ],
    raw: to === null ? null : rowAt(run, own, other, atMs, end ?? Number.POSITIVE_INFINITY, side),
  };
}

export function sourceOf({ recording }: RunDocument): string | null {
  if (recording === null) return null;
  if (recording.states === 'traced') return "the kernel's tracepoints";
  return recording.held
    ? 'sock_diag, asked around each segment, which waited'
    : 'sock_diag, asked repeatedly';
}

/** The line of the table that was read while the state lasted. */
function rowAt(
  run: RunDocument,
  own: string,
  other: string,
  from: number,
  to: number,
  _side: Side,
): string | null {
  const readings = run.steps.flatMap(({ snapshots }) => snapshots);
  const reading = readings.find(
    ({ atMs, raw }) => atMs >= from && atMs <= to && lineOf(raw, own, other) !== null,
  );
  if (reading === undefined) return null;
  return `${reading.command}\n${lineOf(reading.raw, own, other)}\nread at ${moment(reading.atMs)}`;
}

function lineOf(raw: string, own: string, other: string): string | null {
  const lines = raw
    .split('\n')
    .filter((line) => line.indexOf(own) !== -1 && line.indexOf(own) < line.indexOf(other));
  return lines[0] ?? null;
}

function ofCheck({ checks, steps }: RunDocument, index: number): Inspected | null {
  const check = checks[index];
  if (check === undefined) return null;
  const step = steps.find(({ number }) => number === check.step);
  return {
    title: check.title,
    facts: [
      ['verdict', check.verdict],
      ['expected', check.expected],
      ['observed', check.observed],
      ['at', moment(check.atMs)],
      ['step', step === undefined ? null : `${step.number}  ${step.title}`],
      ['remark', check.note],
      ['claims', check.claims.map(({ claim, finding }) => `${claim} ${finding}`).join(', ') || null],
      ['line', check.location === null ? null : `${check.location.file}:${check.location.line}`],
    ],
    raw: check.raw,
  };
}

function ofStep({ steps }: RunDocument, number: number): Inspected | null {
  const step = steps.find((one) => one.number === number);
  if (step === undefined) return null;
  return {
    title: `${number}  ${step.title}`,
    facts: [
      ['began at', moment(step.atMs)],
      ...step.actions.map(({ who, verb, detail, made, atMs }) => {
        const words = `${who}: ${verb} ${detail}`.trim();
        return [moment(atMs), made === 'really' ? words : `${words} (left out)`] as const;
      }),
    ],
    raw: null,
  };
}

function ofParty(run: RunDocument, key: string): Inspected | null {
  const life = livesOf(run).find((one) => one.key === key);
  if (life === undefined) return null;
  return {
    title: `${life.name}, process ${life.pid}`,
    facts: [
      ['did', life.description],
      ['known since', moment(life.born)],
      ['ended', life.killed === null ? 'not by this run' : `${life.killed.by} at ${moment(life.killed.at)}`],
    ],
    raw: null,
  };
}

function ofCrowd({ recording }: RunDocument, of: number, from: number, to: number): Inspected | null {
  const segments = recording?.connections[of]?.segments.slice(from, to + 1) ?? [];
  const bytes = (side: Side) =>
    segments.reduce((sum, segment) => sum + (segment.from === side ? segment.length : 0), 0);
  return {
    title: `${segments.length} segments that lie close together`,
    facts: [
      ['from', moment(segments[0]?.atMs ?? 0)],
      ['to', moment(segments.at(-1)?.atMs ?? 0)],
      ['data', `${bytes('client')} bytes from the client, ${bytes('server')} from the server`],
    ],
    raw: null,
  };
}
