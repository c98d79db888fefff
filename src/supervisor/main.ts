/** The program of a supervisor: a guard, the supervisor below it, and its thread that answers watched calls. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { adoptOrphans } from '../native/process.ts';
import { serve } from '../rpc/server.ts';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { belowMark } from './below/messages.ts';
import { runBelow } from './below/run-below.ts';
import { Answerer } from './calls/answerer.ts';
import { aloneMs, guard, guardedMark } from './guard.ts';
import { methods } from './methods.ts';
import { sweepRuns } from './runs.ts';
import { endWatching } from './watched-runs.ts';

/** After the end of tcpclose, a slow server gets no more time than this. */
const graceWhenAloneMs = 500;

if (isMainThread && process.argv[2] !== belowMark) process.on('uncaughtException', endBy);
if (!isMainThread && parentPort !== null) new Answerer(parentPort, workerData).run();
else if (process.argv[2] === guardedMark) keep();
else if (process.argv[2] === belowMark) runBelow();
else guard(Number(process.argv[2] ?? process.ppid), Number(process.argv[3] ?? aloneMs));

/**
 * Starts the user's command, keeps the end of its output, and reports how it ended and which calls it made. Ends everything that is left of
 * it on request, or when standard input ends, which happens however tcpclose ends. Processes whose parents have ended become children of
 * this one, so everything that the command started is found below it.
 */
function keep(): void {
  adoptOrphans();
  serve(methods, () => void endAlone());
}

async function endAlone(): Promise<void> {
  await sweepRuns(graceWhenAloneMs);
  endWatching();
  process.exit();
}

/** tcpclose reads the last output, and the guard ends what is left. */
function endBy(error: Error): never {
  writeWhole(2, `${describeSystemError(error) ?? error.stack}\n`);
  process.exit(1);
}
