/** All that a supervisor lets tcpclose call, by name. */
import * as v from 'valibot';
import { count, number } from '../rpc/messages.ts';
import { method } from '../rpc/method.ts';
import { beginWatching, callsSettled } from './call-watch.ts';
import { outputOf, startRun, sweepRuns } from './runs.ts';

/** Starts the command, as run number `run`. Fails with why it cannot be started, for a user to read. */
const start = method({
  params: v.object({
    run: count,
    command: v.array(v.string()),
    /** The folder it is started in; the supervisor's own is tcpclose's. */
    folder: v.string(),
    environment: v.record(v.string(), v.string()),
    /** A regular expression that a line of its output matches when it is ready. */
    ready: v.nullable(v.string()),
    /** Whether its calls are watched: the first start decides, since all that come later cannot be started otherwise. */
    watch: v.picklist(['calls', 'not']),
  }),
  async run({ watch, ...command }) {
    if (watch === 'calls') await beginWatching(command);
    return { pid: await startRun(command) };
  },
});

/** The end of what a run has printed. */
const output = method({
  params: v.object({ run: count }),
  run: ({ run }) => ({ text: outputOf(run) }),
});

/** Answers when the results of all calls until now are known. */
const settle = method({ run: callsSettled });

/** Takes down all that was started and is still there: SIGTERM to the commands, after `graceMs` SIGKILL to everything. */
const sweep = method({
  params: v.object({ graceMs: number }),
  run: ({ graceMs }) => sweepRuns(graceMs),
});

export const methods = { start, output, settle, sweep };
export type Methods = typeof methods;
