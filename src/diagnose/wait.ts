import { sleep } from '../time.ts';
import { type Diagnosis, diagnose, type Question } from './diagnosis.ts';

export interface Waited {
  readonly diagnosis: Diagnosis;
  /** null where nobody waited. */
  readonly waitedMs: number | null;
}

// Each look binds the port for an instant, which could get in the way of a server that starts: not too often.
const shortestMs = 100;
const longestMs = 1000;

/** Looks again until the port can be bound, or for so long; `tell` is called before every pause. */
export async function waitUntilFree(
  question: Question,
  waitMs: number,
  tell: (diagnosis: Diagnosis) => void,
): Promise<Waited> {
  const startedAt = performance.now();
  for (;;) {
    const diagnosis = await diagnose(question);
    const waitedMs = Math.round(performance.now() - startedAt);
    const remaining = waitMs - waitedMs;
    if (diagnosis.verdict === 'free' || remaining <= 0) return { diagnosis, waitedMs };
    const pause = Math.min(pauseAfter(diagnosis), remaining);
    tell(diagnosis);
    await sleep(pause, question.signal);
  }
}

/** Up to the end of a timer there is nothing to see but what somebody does: then often, before seldom. */
function pauseAfter({ freeInMs }: Diagnosis): number {
  return Math.max(shortestMs, Math.min(longestMs, freeInMs ?? longestMs / 4));
}
