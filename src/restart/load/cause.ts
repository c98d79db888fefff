import type { Cause } from '../trial.ts';
import type { LoadAccount } from './account.ts';

/** Why requests were lost: the first cause has the most losses among those that a better shutdown avoids. */
export function causeOfLosses({ losses }: LoadAccount): Cause | null {
  const [first] = losses;
  return first === undefined
    ? null
    : { code: first.cause, explanation: first.explanation, remedy: first.remedy };
}
