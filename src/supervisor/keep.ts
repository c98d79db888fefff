import { adoptOrphans } from '../native/process.ts';
import { serve } from '../rpc/server.ts';
import { endWatching } from './call-watch.ts';
import { methods } from './methods.ts';
import { sweepRuns } from './runs.ts';

/** After the end of tcpclose nobody waits for a server that takes its time. */
const graceWhenAloneMs = 500;

/**
 * Starts the user's command, keeps the end of what it prints, tells how it ended and which calls it made, and takes down all that
 * is left of it when told, or when standard input ends, which happens however tcpclose ends. Processes whose parents have ended
 * become children of this one, so that whatever the command started is found below it.
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
