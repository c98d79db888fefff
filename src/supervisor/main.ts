/** The program of a supervisor: a guard, the supervisor below it, and its thread that answers watched calls. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { Answerer } from './calls/answerer.ts';
import { guard, guardedMark } from './guard.ts';
import { keep } from './keep.ts';

if (isMainThread) process.on('uncaughtException', endBy);
if (!isMainThread && parentPort !== null) new Answerer(parentPort, workerData.waker).run();
else if (process.argv[2] === guardedMark) keep();
else guard();

/** tcpclose reads its last words, and its guard ends what is left. */
function endBy(error: Error): never {
  writeWhole(2, `${describeSystemError(error) ?? error.stack}\n`);
  process.exit(1);
}
