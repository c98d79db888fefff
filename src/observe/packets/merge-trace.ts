import { formatEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import type { Transition } from './transitions.ts';

/**
 * Merges two records of the same transitions. Tracepoints report all changes of a full socket at their exact time. But TIME_WAIT and an
 * ownerless FIN_WAIT2 are smaller sockets: tracepoints report only that the full socket was closed. The same is true of the request that a
 * SYN creates at the server: they report only the full socket that is made from it. And they report nothing for a socket that has no port
 * yet when it enters SYN_SENT. Polling finds all of these.
 */
export function mergeTrace(asked: readonly Transition[], traced: readonly Transition[]): Transition[] {
  const askedOf = groupBy(asked, sideOf);
  const tracedOf = groupBy(traced, sideOf);
  // A traced socket that was never polled may belong to another network, where the same ports are in use.
  return [...askedOf].flatMap(([side, seen]) => mergeSide(seen, tracedOf.get(side) ?? []));
}

function sideOf({ local, remote }: Transition): string {
  return `${formatEndpoint(local)} ${formatEndpoint(remote)}`;
}

function mergeSide(asked: readonly Transition[], traced: readonly Transition[]): Transition[] {
  const merged: Transition[] = [];
  const opened = asked.filter((seen) => isOpening(seen, traced));
  for (const [i, change] of traced.entries()) {
    if (isRefusedPair(change, traced[i + 1], asked) || isRefusedPair(traced[i - 1], change, asked)) continue;
    if (isFromRequest(change, traced[i - 1], opened)) continue;
    const known = { ...change, processed: processedAt(change.at, asked) };
    merged.push(...(change.to === null ? becomeOf(known, asked) : [known]));
  }
  // Tracepoints do not report the end of a TIME_WAIT.
  const ends = asked.filter(({ from }) => from === 'TIME_WAIT');
  return [...ends, ...opened.map((seen) => beforeItsEnd(seen, traced)), ...merged];
}

/** The reply to a query may come after the end of the state that it shows. */
function beforeItsEnd(seen: Transition, traced: readonly Transition[]): Transition {
  const left = traced.find(({ from, at }) => from === seen.to && at >= earliest(seen));
  return { ...seen, at: Math.min(seen.at, left?.at ?? seen.at) };
}

/**
 * What became of a closed full socket: nothing, or a smaller socket. The time does not show whether a socket in FIN_WAIT2 lost its owner,
 * got a FIN, or was reset. So it counts as TIME_WAIT, or as gone, only once a query has found that.
 */
function becomeOf(closed: Transition, asked: readonly Transition[]): readonly Transition[] {
  const { at, from } = closed;
  if (from !== 'FIN_WAIT2' && from !== 'CLOSING') return [closed];
  const answered = asked.filter((seen) => earliest(seen) <= at && at <= seen.at);
  // A reply may be older than the close before it; then the next query has found what became of it.
  const around = answered.find(({ to }) => to === null || to === 'TIME_WAIT') ?? answered.at(-1);
  const later = asked.find((seen) => earliest(seen) > at);
  const last = around ?? later ?? asked.at(-1) ?? closed;
  const state = last === later ? last.from : last.to;
  const until = { ...closed, at: from === 'FIN_WAIT2' ? (around?.at ?? at) : at };
  // It keeps the number of the full socket, which was not traced.
  if (state === 'TIME_WAIT') return [{ ...until, to: state, socket: last.socket }];
  if (state === 'FIN_WAIT2') return later === undefined ? [] : [later];
  return [until];
}

/** Whether a socket is opening, and no trace reports it before. */
function isOpening(seen: Transition, traced: readonly Transition[]): boolean {
  if (seen.from !== null || (seen.to !== 'SYN_SENT' && seen.to !== 'SYN_RECV')) return false;
  return !traced.some(
    ({ from, to, at }) => from === null && to === seen.to && earliest(seen) <= at && at <= seen.at,
  );
}

/** A connect(2) that was refused because the pair is in use: its socket was never in the table, and nothing was sent. */
function isRefusedPair(
  opened: Transition | undefined,
  closed: Transition | undefined,
  asked: readonly Transition[],
): boolean {
  if (opened?.from !== null) return false;
  if (closed?.from !== 'SYN_SENT' || closed.to !== null || closed.at - opened.at > refusedWithinMs)
    return false;
  return !asked.some((seen) => seen.to === 'SYN_SENT' && earliest(seen) <= closed.at && opened.at <= seen.at);
}

const refusedWithinMs = 0.01;

/** Whether a full socket was made from a request: then the side is in SYN_RECV for some time. */
function isFromRequest(
  { from, to, at }: Transition,
  before: Transition | undefined,
  opened: readonly Transition[],
): boolean {
  if (from !== null || to !== 'SYN_RECV') return false;
  const since = before?.at ?? Number.NEGATIVE_INFINITY;
  return opened.some((seen) => seen.to === to && seen.at > since && seen.at <= at);
}

/** Queries before and after a segment is processed show which segment caused a change. */
function processedAt(at: number, asked: readonly Transition[]): Transition['processed'] {
  const around = asked.find((seen) => seen.processed !== null && earliest(seen) <= at && at <= seen.at);
  return around?.processed ?? null;
}

function earliest({ notBefore }: Transition): number {
  return notBefore ?? Number.NEGATIVE_INFINITY;
}
