import type { Stall } from '../../load/program/driver.ts';
import { type FinishedRequest, isLost } from '../../load/request.ts';
import { formatSpan } from '../../time.ts';
import type { Moments } from './account.ts';
import type { LoadOptions } from './options.ts';

/** How soon after a stall everything is read that arrived during it. */
const catchUpMs = 50;
/** Shorter stalls at the signal are usual on a busy machine, and hide little. */
const leastAtSignalMs = 200;

interface Made {
  readonly options: LoadOptions;
  readonly moments: Moments;
  readonly stalls: readonly Stall[];
  /** The requests that ended after the signal. */
  readonly counted: readonly FinishedRequest[];
}

/** Why requests may have been lost without being seen. */
export interface Missed {
  readonly fact: string;
  readonly remedy: string;
}

/** What the load could not observe: its clients got no CPU at that time, or made no slow request then; null if nothing. */
export function missedBy(made: Made): Missed | null {
  const { signal, listenerGone, exited, listens, reloaded } = made.moments;
  const { preStopMs, spec } = made.options;
  const served = preStopMs === undefined ? (listenerGone ?? exited ?? reloaded) : signal + preStopMs;
  // Nobody connects after --pre-stop.
  const gap = preStopMs === undefined ? listens : null;
  const stalled =
    stalledBetween(made.stalls, signal, served ?? null, 'after the signal', leastAtSignalMs) ??
    stalledBetween(made.stalls, listenerGone, gap, 'in which nothing listened');
  if (stalled !== null) return { fact: stalled, remedy: 'ask for less with --load' };
  return spec.slow === 0 ? null : missedInFlight(made);
}

/** @param leastMs how long one of the stalls must have been */
function stalledBetween(
  stalls: readonly Stall[],
  from: number | null,
  until: number | null,
  what: string,
  leastMs = 0,
): string | null {
  if (from === null || until === null) return null;
  const meeting = stalls.filter((stall) => stall.from < until && stall.until > from);
  const stalledMs = meeting.reduce(
    (sum, stall) => sum + Math.min(stall.until, until) - Math.max(stall.from, from),
    0,
  );
  if (stalledMs <= (until - from) / 2 || meeting.every((stall) => stall.until - stall.from < leastMs))
    return null;
  return `the load stalled for ${formatSpan(stalledMs)} of the ${formatSpan(until - from)} ${what}, because the machine was too busy`;
}

function missedInFlight({ counted, stalls, moments: { signal } }: Made): Missed | null {
  const slow = counted.filter(({ kind, startedAt }) => kind === 'slow' && startedAt < signal);
  if (slow.length === 0)
    return { fact: 'no slow request was in flight at the signal', remedy: 'ask for more with --load' };
  // An answer that was read just after a stall may have come at any time during it.
  const mayHaveEnded = ({ startedAt, endedAt }: FinishedRequest) =>
    stalls.some(
      ({ from, until }) =>
        from < signal && startedAt < until && from < endedAt && endedAt < until + catchUpMs,
    );
  if (slow.some((request) => isLost(request) || !mayHaveEnded(request))) return null;
  return {
    fact: 'the load stalled at the signal, because the machine was too busy, and whether a slow request was in flight then is not known',
    remedy: 'ask for less with --load',
  };
}
