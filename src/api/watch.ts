import { parseConditions } from '../diagnose/watch/condition.ts';
import { watch as look } from '../diagnose/watch/watch.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { type WatchDocument, watchDocumentsOf } from '../report/documents/watch.ts';
import type { WatchUpdate } from '../report/watch/update.ts';
import { parsePort } from './addresses.ts';
import { type Duration, msOf } from './duration.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';
import { type Launching, launchPatience } from './launching.ts';

export interface WatchOptions extends Pick<Following<never>, 'abortSignal'>, Launching {
  /** End after that long (default: when the loop or the signal ends it). */
  readonly for?: Duration | undefined;
  /** End when this holds: `TIME_WAIT=0`, `ESTABLISHED>=2,LISTEN=1`. */
  readonly until?: string | undefined;
  /** Look behind a prefix command, such as `ssh box`. */
  readonly on?: string | undefined;
  /** Called after every look, even if nothing but the time has changed. The next look waits for the promise that it returns. */
  readonly onEvent?: ((look: WatchUpdate) => void | PromiseLike<void>) | undefined;
}

export async function* watch(
  port: number | 'all',
  options: WatchOptions = {},
): AsyncGenerator<WatchDocument, void> {
  requireProcesses();
  const { on, onEvent, for: span } = options;
  const signal = signalOf(options);
  const chosen = {
    port: port === 'all' ? null : parsePort(String(port)),
    forMs: span === undefined ? Number.POSITIVE_INFINITY : msOf(span),
    until: options.until === undefined ? [] : parseConditions(options.until),
  };
  const place = on === undefined ? thisMachine : await openLauncher(on, signal, launchPatience(options));
  for await (const event of look({ ...chosen, place, signal })) {
    const documents = watchDocumentsOf(event, on ?? null);
    const news = event.type === 'table' && !event.changed ? 'none' : 'some';
    await onEvent?.({ documents, news });
    if (news === 'some') yield* documents;
  }
}
