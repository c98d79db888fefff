import { clockOf, Progress } from '../progress.ts';
import type { Reporter } from '../reporter.ts';
import type { WatchUpdate } from './update.ts';

/** Adds a line on standard error about the remaining or the elapsed time. The output of `inner` is not on that terminal. */
export function withProgress(inner: Reporter<WatchUpdate>, forMs: number | undefined): Reporter<WatchUpdate> {
  const progress = new Progress();
  return {
    onEvent(update) {
      for (const event of update.documents) {
        if (event.type === 'started')
          progress.say(
            `watching ${event.port === null ? 'the whole machine' : `port ${event.port}`}`,
            clockOf(forMs ?? null),
          );
        if (event.type === 'finished') progress.stop();
      }
      inner.onEvent?.(update);
    },
    onError: () => progress.stop(),
  };
}
