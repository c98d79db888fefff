import { causeOf } from './cause.ts';
import { causeOfLosses } from './load/cause.ts';
import { causeOfReload } from './reload/cause.ts';
import type { Observation, RoundResult } from './trial.ts';

/** Whether the server survives one round, and why not. */
export function judge(seen: Observation): Pick<RoundResult, 'verdict' | 'cause'> {
  const failure = failureOf(seen);
  if (failure !== null) return { verdict: 'fails', cause: failure };
  const { load } = seen;
  if (load?.verdict === 'too little') return { verdict: 'not decided', cause: null };
  if (load?.verdict === 'loses') return { verdict: 'loses', cause: causeOfLosses(load) };
  return { verdict: 'survives', cause: null };
}

function failureOf(seen: Observation): RoundResult['cause'] {
  if (seen.reload !== undefined) return causeOfReload(seen, seen.reload);
  return seen.second?.result === 'accepts' ? null : causeOf(seen);
}
