import type { ReadResult } from '../../peer/results.ts';
import { TooSlow } from '../recording/too-slow.ts';
import type { Performer } from './stimulus.ts';

const readDeadlineMs = 20_000;
const lastReadMs = 1000;

/**
 * Reads until a deadline, and again once every process of the run has caught up, because the sender may have been delayed.
 * @throws TooSlow if bytes arrived after the deadline
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
  throw new TooSlow(what, `bytes arrived ${readDeadlineMs / 1000} s after the previous ones`);
}
