import { groupBy } from '../../group.ts';
import type { Done } from '../../load/program/driver.ts';
import { type Class, type ConnectionEnd, classes, type FinishedRequest } from '../../load/request.ts';
import { formatLoad, kinds } from '../../load/spec.ts';
import { formatSpan } from '../../time.ts';
import type { ConnectionEnds, Counts, KindAccount, LoadAccount, Moments } from './account.ts';
import { type Facts, lossesOf } from './losses.ts';
import { type Known, lostOf } from './lost.ts';
import { type Missed, missedBy } from './missed.ts';
import { isOld } from './old-connections.ts';
import { tooLittle } from './too-little.ts';

/** Another program that has taken the server's port after the signal. */
export interface Stranger {
  /** `process 4711 (python3 -m http.server)`. */
  readonly who: string;
  readonly since: number;
}

interface AllFacts extends Facts, Pick<Known, 'seen'> {
  readonly request: string;
  readonly done: Done;
  readonly ends: readonly ConnectionEnd[];
  readonly stranger: Stranger | undefined;
}

/** Accounts for every request of a restart. */
export function accountOf(requests: readonly FinishedRequest[], facts: AllFacts): LoadAccount {
  const { options, moments, exit, seen, done, language } = facts;
  const from = moments.handoverFrom ?? moments.signal;
  const before = requests.filter(({ endedAt }) => endedAt < from);
  const after = requests.filter(({ endedAt }) => endedAt >= from);
  const sizes = new Set(before.filter(endsByClose).map(({ bytes }) => bytes));
  const [usualBytes = null] = sizes.size === 1 ? sizes : [];
  const known: Known = {
    ...{ moments, exit, seen, usualBytes, preStopMs: options.preStopMs },
    stranger: facts.stranger !== undefined && moments.listens === null ? 'has the port' : 'none',
    answered: requests.filter(({ class: ending }) => ending === 'answered'),
    statusesBefore: new Set(before.map(({ status }) => status)),
  };
  const lostRequests = lostOf(after, known);
  const lostIds = new Set(lostRequests.map(({ id }) => id));
  const counted = after.filter(({ class: ending }) => ending !== 'not made');
  const lost = lostRequests.length;
  const result = lost <= options.allowedLoss * counted.length ? 'allowed' : 'lost';
  const missed = missedBy({ options, moments, counted, stalls: done.stalls });
  const reason = tooLittle({ options, before, after, counted, done, result, missed });
  return {
    asked: formatLoad(options.spec),
    request: facts.request,
    ...{ language, moments },
    kinds: kinds
      .filter((kind) => options.spec[kind] > 0)
      .map((kind): KindAccount => {
        const own = (all: readonly FinishedRequest[]) => all.filter((request) => request.kind === kind);
        return {
          ...{ kind, asked: options.spec[kind], before: countsOf(own(before)), after: countsOf(own(after)) },
          lostAfter: own(after).filter(({ id }) => lostIds.has(id)).length,
        };
      }),
    ...{ requests: counted.length, lost, lostRequests },
    ends: endsOf(facts.ends, moments),
    answered: requests.filter(({ class: ending, id }) => ending === 'answered' && !lostIds.has(id)),
    losses: lossesOf(lostRequests, facts),
    newAsked: done.newAsked,
    newMade: done.newMade,
    latestMs: done.latestMs,
    allowedLoss: options.allowedLoss,
    verdict:
      reason !== null
        ? 'too little'
        : result === 'lost'
          ? 'loses'
          : lost === 0
            ? 'loses nothing'
            : 'within the allowed loss',
    reason,
    notes: [
      ...(reason === null ? missedNote(missed) : []),
      ...errorNote(before),
      ...closeNote(before, sizes.size),
      ...strangerNote(facts.stranger, moments),
    ],
  };
}

/** Connections to the old server that ended after the signal. */
function endsOf(ends: readonly ConnectionEnd[], moments: Moments): ConnectionEnds[] {
  const own = ends.filter((end) => end.at >= moments.signal && isOld(end, moments));
  return [...groupBy(own, ({ by, when }) => `${by} ${when}`).values()].flatMap(([one, ...others]) => {
    if (one === undefined) return [];
    const moments = [one, ...others].map(({ at }) => at);
    const first = moments.reduce((a, b) => Math.min(a, b));
    const last = moments.reduce((a, b) => Math.max(a, b));
    return { by: one.by, when: one.when, count: moments.length, first, last };
  });
}

function countsOf(requests: readonly FinishedRequest[]): Counts {
  const count = (ending: Class) => requests.filter((request) => request.class === ending).length;
  return Object.fromEntries(classes.map((ending) => [ending, count(ending)])) as Counts;
}

function endsByClose({ class: ending, delimited }: FinishedRequest): boolean {
  return ending === 'answered' && delimited === 'by the close';
}

function strangerNote(stranger: Stranger | undefined, { signal }: Moments): string[] {
  if (stranger === undefined) return [];
  const at = formatSpan(Math.max(0, stranger.since - signal));
  return [
    `${stranger.who} took the port ${at} after the signal. The load stopped then, but what that program had answered counts as answered.`,
  ];
}

function missedNote(missed: Missed | null): string[] {
  return missed === null ? [] : [`More may have been lost than was seen: ${missed.fact}.`];
}

function errorNote(before: readonly FinishedRequest[]): string[] {
  const errors = before.filter(({ status }) => status !== null && status >= 400);
  if (errors.length === 0) return [];
  const statuses = [...new Set(errors.map(({ status }) => status))].join(', ');
  return [
    `${errors.length} of ${before.length} answers before the signal had the status ${statuses}, which counts as answered: look at --path.`,
  ];
}

function closeNote(before: readonly FinishedRequest[], sizes: number): string[] {
  if (!before.some(endsByClose)) return [];
  const how =
    sizes === 1
      ? 'one that is shorter than those before the signal counts as cut'
      : 'and their lengths differ: one that was cut may count as answered';
  return [`Its answers end with the connection, without a length of their own: ${how}.`];
}
