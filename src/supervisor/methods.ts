/** The methods of a supervisor, by name. */
import * as v from 'valibot';
import { count, number } from '../rpc/messages.ts';
import { method } from '../rpc/method.ts';
import { endpoint, keepListener } from './kept-listener.ts';
import { command, outputOf, startRun, sweepRuns } from './runs.ts';
import { beginWatching, callsSettled } from './watched-runs.ts';

/** Starts the command, as run number `run`. The error tells the user why it cannot be started. */
const start = method({
  params: v.object({
    ...command.entries,
    /** Whether its calls are watched. The first start decides for all later ones. */
    watch: v.picklist(['calls', 'not']),
  }),
  async run({ watch, ...command }) {
    if (watch === 'calls') await beginWatching(command);
    return { pid: await startRun(command) };
  },
});

/** Opens a listener that is kept until the end. Call this before the first start. Returns its inode. */
const keep = method({ params: endpoint, run: keepListener });

/** The end of a run's output. */
const output = method({
  params: v.object({ run: count }),
  run: ({ run }) => ({ text: outputOf(run) }),
});

/** Replies when the results of all calls so far are known. */
const settle = method({ run: callsSettled });

/** Ends everything that was started and still runs: SIGTERM to the commands, and after `graceMs` SIGKILL to everything. */
const sweep = method({
  params: v.object({ graceMs: number }),
  run: ({ graceMs }) => sweepRuns(graceMs),
});

export const methods = { keep, start, output, settle, sweep };
export type Methods = typeof methods;
