import { debug } from '../debug.ts';
import { formatSpan, sleep } from '../time.ts';
import { type Diagnosis, diagnose, type Question } from './diagnosis.ts';

export interface Waited {
  readonly diagnosis: Diagnosis;
  /** null without --wait. */
  readonly waitedMs: number | null;
}

// Each look binds the port for an instant, which could disturb a server that is starting: do not look too often.
const shortestMs = 100;
const longestMs = 1000;

/** Looks again and again until the port can be bound, up to a limit; calls `tell` before every pause. */
export async function waitUntilFree(
  question: Question,
  waitMs: number,
  tell: (diagnosis: Diagnosis) => void,
): Promise<Waited> {
  const startedAt = performance.now();
  debug(() => `wait for a bind that succeeds, ${formatSpan(waitMs)} at most`);
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

/** The pause is long while a timer runs and only users can change something, and short when the timer is about to end. */
function pauseAfter({ freeInMs }: Diagnosis): number {
  return Math.max(shortestMs, Math.min(longestMs, freeInMs ?? longestMs / 4));
}
