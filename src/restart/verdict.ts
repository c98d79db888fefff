import { classes, isLost } from '../load/request.ts';
import { causeOf } from './cause.ts';
import type { LoadAccount } from './load/account.ts';
import { causeOfReload } from './reload/cause.ts';
import type { Observation, RoundResult, SecondResult } from './trial.ts';

/** Whether the server survives one round, and why not. */
export function judge(seen: Observation): Pick<RoundResult, 'verdict' | 'cause'> {
  const failure = failureOf(seen);
  const { load } = seen;
  if (failure !== null && !isOfLoad(seen)) return { verdict: 'fails', cause: failure };
  if (load?.verdict === 'too little') return { verdict: 'not decided', cause: null };
  if (load?.verdict === 'loses') return { verdict: 'loses', cause: causeOfLosses(load) };
  return { verdict: 'survives', cause: null };
}

/** Why requests were lost: the first cause has the most losses among those that a better shutdown avoids. */
function causeOfLosses({ losses: [first] }: LoadAccount): RoundResult['cause'] {
  return first === undefined
    ? null
    : { code: first.cause, explanation: first.explanation, remedy: first.remedy };
}

/** Whether the second start did not serve its client because of a load, as the first start did not serve one under it either. */
function isOfLoad({ load, second }: Observation): boolean {
  if (load?.verdict !== 'too little' || second === null || !unserved.has(second.result)) return false;
  return load.kinds.some(({ before }) => lostClasses.some((ending) => before[ending] > 0));
}

const unserved: ReadonlySet<SecondResult> = new Set(['no answer', 'ends its client', 'listens only']);
const lostClasses = classes.filter((ending) => isLost({ class: ending }));

function failureOf(seen: Observation): RoundResult['cause'] {
  if (seen.reload !== undefined) return causeOfReload(seen, seen.reload);
  return seen.second?.result === 'accepts' ? null : causeOf(seen);
}
