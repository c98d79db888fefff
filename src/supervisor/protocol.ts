/**
 * What tcpclose and a supervisor say to each other: JSON, one message a line, orders on the supervisor's standard input and what
 * happened on its standard output. Times are of CLOCK_MONOTONIC, which all processes of a machine share.
 */
import * as v from 'valibot';
import { call } from './calls/call.ts';

/** JSON has no infinity, and yet 1e999 is read as one. */
const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Starts the command, as run number `run`. */
const start = v.object({
  order: v.literal('start'),
  run: count,
  command: v.array(v.string()),
  /** The folder it is started in; the supervisor's own is tcpclose's. */
  folder: v.string(),
  environment: v.record(v.string(), v.string()),
  /** A regular expression that a line of its output will match when it is ready. */
  ready: v.nullable(v.string()),
  /** Whether its calls are watched: the first start decides, for all that come later cannot be started otherwise. */
  watch: v.picklist(['calls', 'not']),
});

/** Asks for the end of what a run has printed. */
const tell = v.object({ order: v.literal('tell'), run: count });

/** Takes down all that was started and is still there: SIGTERM to the commands, after `graceMs` SIGKILL to everything. */
const sweep = v.object({ order: v.literal('sweep'), graceMs: number });

/** Asks to be told when the results of all calls until now are known. */
const settle = v.object({ order: v.literal('settle') });

export const order = v.variant('order', [start, tell, settle, sweep]);
export type Order = v.InferOutput<typeof order>;

const milliseconds = number;

export const report = v.variant('report', [
  v.object({ report: v.literal('up'), pid: count }),
  v.object({ report: v.literal('started'), run: count, pid: count }),
  v.object({ report: v.literal('not started'), run: count, reason: v.string() }),
  v.object({ report: v.literal('ready'), run: count }),
  /** Whether a line of its output matches took too long to find out. */
  v.object({ report: v.literal('given up'), run: count }),
  v.object({
    report: v.literal('exited'),
    run: count,
    status: v.nullable(number),
    signal: v.nullable(v.string()),
    at: milliseconds,
  }),
  v.object({ report: v.literal('output'), run: count, text: v.string(), bytes: count }),
  v.object({ report: v.literal('swept') }),
  /** Of the first start that asked for it: whether calls are watched, or why not. */
  v.object({
    report: v.literal('watching'),
    state: v.picklist(['on', 'off']),
    reason: v.nullable(v.string()),
  }),
  /** A call as it is known now. It comes again when its result is. */
  v.object({ report: v.literal('call'), run: count, call }),
  v.object({ report: v.literal('settled') }),
  /** Watching would have changed what the command does: all that was started has been killed. */
  v.object({ report: v.literal('disturbed'), reason: v.string() }),
]);
export type Report = v.InferOutput<typeof report>;

export { monotonicMs } from '../native/clock.ts';
