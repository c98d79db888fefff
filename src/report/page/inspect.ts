import type { RunDocument } from '../documents/run.ts';
import { beganOf, beganWords } from '../drawing/began.ts';
import {
  actionWords,
  bindsOf,
  extentOf,
  lastedWords,
  livesOf,
  staysOf,
  timesOf,
} from '../drawing/collect.ts';
import { describeSegment, endpoint, moment, peerName, type Side, stateName } from '../drawing/words.ts';
import { findingOf, textOfClaim } from './claim-words.ts';
import { rowOf } from './readings.ts';

/** What is known about one thing in the picture: facts by name, and the text that was read, word for word. */
interface Inspected {
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
    case 'bind':
      return ofBind(run, first);
    case 'action':
      return ofStep(run, run.steps[first]?.number ?? 0);
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
      ['captured at', `${moment(segment.atMs)}, before the socket of the ${to} had it`],
      ['from', `${segment.from} ${endpoint(connection[segment.from])}`],
      ['to', `${to} ${endpoint(connection[to])}`],
      [
        'sent by',
        segment.source === 'replay' ? 'tcpclose, as a replay on behalf of that side' : 'the kernel',
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
  const lines = bytes.match(/.{1,32}/g) ?? [];
  return lines
    .map((line, i) => `${(i * 16).toString(16).padStart(4, '0')}  ${line.match(/../g)?.join(' ')}`)
    .join('\n');
}

function ofState(run: RunDocument, of: number, index: number): Inspected | null {
  const connection = run.recording?.connections[of];
  const change = connection?.transitions[index];
  if (connection === undefined || change === undefined) return null;
  const { side, from, to, atMs, segmentAtMs } = change;
  const stay = staysOf(connection, side).find((one) => one.index === index);
  const began = beganOf(connection, change);
  const [, ended] = extentOf(timesOf(run));
  const cause = connection.segments.find((segment) => segment.atMs === segmentAtMs);
  const own = connection[side];
  const other = connection[side === 'client' ? 'server' : 'client'];
  return {
    title: `${stateName(from)} to ${stateName(to)}`,
    facts: [
      ['end', `${peerName(run, connection, side)} (${side}), ${endpoint(own)}`],
      ['began', beganWords(began)],
      ['seen at', began.notBefore === began.notAfter ? null : moment(atMs)],
      ['shown by', began.shownBy === null ? null : `its own ${began.shownBy}`],
      ['lasted', stay === undefined ? null : lastedWords(stay, ended)],
      ['came with', cause === undefined ? null : `${describeSegment(cause)}, ${moment(cause.atMs)}`],
      ['source', sourceOf(run)],
    ],
    raw: stay === undefined ? null : rowOf(run, own, other, stay),
  };
}

export function sourceOf({ recording }: RunDocument): string | null {
  if (recording === null) return null;
  if (recording.states === 'traced') return "the kernel's tracepoints";
  return recording.held
    ? 'sock_diag, asked around each segment, which waited'
    : 'sock_diag, asked repeatedly';
}

function ofCheck({ checks, steps }: RunDocument, index: number): Inspected | null {
  const check = checks[index];
  if (check === undefined) return null;
  return {
    title: check.title,
    facts: [
      ['verdict', check.verdict],
      ['expected', check.expected],
      ['observed', check.observed],
      ['at', moment(check.atMs)],
      ['step', stepOf(steps, check)],
      ['remark', check.note],
      ...check.claims.map(
        (claim) =>
          [findingOf(claim), textOfClaim(claim.claim) ?? 'not in the ledger of this version'] as const,
      ),
      ['line', check.location === null ? null : `${check.location.file}:${check.location.line}`],
    ],
    raw: check.raw,
  };
}

function stepOf(steps: RunDocument['steps'], check: { readonly step: number }): string | null {
  const step = steps.find(({ number }) => number === check.step);
  return step === undefined ? null : `${step.number}  ${step.title}`;
}

function ofBind(run: RunDocument, index: number): Inspected | null {
  const bind = bindsOf(run).find((one) => one.index === index);
  if (bind === undefined) return null;
  const { check, result, failed } = bind;
  return {
    title: failed ? `bind failed: ${result}` : `bind: ${result}`,
    facts: [
      ['tried by', 'a new process'],
      ['its socket', check.title],
      ['said', check.observed],
      ['seen at', moment(check.atMs)],
      ['step', stepOf(run.steps, check)],
      ['remark', check.note],
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
      ...step.actions.map((action) => {
        const words = `${action.who}: ${actionWords(action)}`;
        const { made, atMs } = action;
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
      ['reported at', `${moment(life.born)}, when it listened or was connected: it was started before`],
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
