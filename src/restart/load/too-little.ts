import type { Done } from '../../load/program/driver.ts';
import { type FinishedRequest, isLost } from '../../load/request.ts';
import { kinds } from '../../load/spec.ts';
import type { Missed } from './missed.ts';
import type { LoadOptions } from './options.ts';

const leastAfter = 10;
const leastMade = 0.9;
const mostNotMade = 0.01;
/** Clients that pause for this long may miss what they are meant to observe. */
const mostStillMs = 2000;

interface Made {
  readonly options: LoadOptions;
  readonly before: readonly FinishedRequest[];
  readonly after: readonly FinishedRequest[];
  readonly counted: readonly FinishedRequest[];
  readonly done: Done;
  /** Whether more was lost than is allowed. */
  readonly result: 'lost' | 'allowed';
  readonly missed: Missed | null;
}

/** Why the load shows nothing about the restart; null if it does. What was lost is shown by any load. */
export function tooLittle(made: Made): string | null {
  return notMade(made) ?? unansweredBefore(made) ?? (made.result === 'lost' ? null : missedAfter(made));
}

/** Why the load is not what was asked for: this machine or tcpclose could not make it. */
function notMade({ before, after, counted, done }: Made): string | null {
  const { newAsked, newMade, latestMs } = done;
  if (newMade < newAsked * leastMade)
    return `${newAsked} new connections were asked for, and ${newMade} were made: ask for fewer with --load`;
  const all = [...before, ...after];
  const failed = all.filter(({ class: ending }) => ending === 'not made');
  if (failed.length > all.length * mostNotMade) {
    const { code } = failed[0] ?? {};
    const remedy = code === 'EMFILE' ? 'raise the limit with "ulimit -n", or ask for less' : 'ask for less';
    return `${failed.length} of ${all.length} requests could not be made on this machine (${code}): ${remedy} with --load`;
  }
  if (latestMs > mostStillMs && counted.length > 0)
    return `the load stalled for ${Math.round(latestMs)} ms, because the machine was too busy: ask for less with --load`;
  return null;
}

function unansweredBefore({ options, before }: Made): string | null {
  const lost = before.filter(isLost);
  if (lost.length > 0) {
    const [first] = lost;
    return `${lost.length} of ${before.length} requests were lost before the signal (${first?.class}): the server does not serve this load; ask for less with --load, or look at its output`;
  }
  for (const kind of kinds) {
    if (options.spec[kind] > 0 && !before.some((request) => request.kind === kind))
      return `no ${kind} request was answered before the signal: the server is too slow for this load`;
  }
  return null;
}

function missedAfter({ counted, missed }: Made): string | null {
  if (counted.length < leastAfter)
    return `only ${counted.length} requests ended after the signal, and at least ${leastAfter} are needed: ask for more with --load`;
  return missed === null ? null : `${missed.fact}: ${missed.remedy}`;
}
