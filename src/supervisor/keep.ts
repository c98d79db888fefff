import { adoptOrphans } from '../native/process.ts';
import { serve } from '../rpc/server.ts';
import { endWatching } from './call-watch.ts';
import { methods } from './methods.ts';
import { sweepRuns } from './runs.ts';

/** After the end of tcpclose nobody waits for a slow server. */
const graceWhenAloneMs = 500;

/**
 * Starts the user's command, keeps the end of its output, reports how it ended and which calls it made, and ends everything
 * that is left of it on request, or when standard input ends, which happens however tcpclose ends. Processes whose parents have
 * ended become children of this one, so everything that the command started is found below it.
 */
export function keep(): void {
  adoptOrphans();
  serve(methods, () => void endAlone());
}

async function endAlone(): Promise<void> {
  await sweepRuns(graceWhenAloneMs);
  endWatching();
  process.exit();
}
