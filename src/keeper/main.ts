/** The program of a keeper: a guard, the keeper below it, and in that the thread that answers watched calls. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Answerer } from './calls/answerer.ts';
import { guard, guardedMark } from './guard.ts';
import { keep } from './keep.ts';

if (!isMainThread && parentPort !== null) new Answerer(parentPort, workerData.waker).run();
else if (process.argv[2] === guardedMark) keep();
else guard();
