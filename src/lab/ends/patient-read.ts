import type { ReadResult } from '../../peer/results.ts';
import { TooSlow } from '../recording/too-slow.ts';
import type { Performer } from './stimulus.ts';

const readDeadlineMs = 20_000;
const lastReadMs = 1000;

/**
 * Reads until a deadline, and once more when every process of the run has caught up: whichever is to send may get no turn.
 * @throws TooSlow if bytes came after the deadline
 */
export async function readPatiently(
  what: string,
  run: Performer,
  read: (timeoutMs: number) => Promise<ReadResult>,
): Promise<ReadResult> {
  const result = await read(readDeadlineMs);
  if (result.error !== 'ETIME') return result;
  await run.untilCaughtUp(what);
  const late = await read(lastReadMs);
  if (late.error === 'ETIME' && late.bytes === 0) return result;
  if (result.bytes === 0) return late;
  throw new TooSlow(what, `bytes came ${readDeadlineMs / 1000} s after those before them`);
}
