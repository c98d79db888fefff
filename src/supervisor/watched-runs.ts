import { readProcess } from '../observe/processes.ts';
import { CallWatch, whyPrivileged } from './calls/call-watch.ts';
import { notify } from './notify.ts';
import { type Command, runs } from './runs.ts';
import { killAllBelow } from './sweeping.ts';

let watch: CallWatch | undefined;
let beginning: Promise<void> | undefined;

/** Watches the calls of everything that is started from now on, if possible. */
export function beginWatching(command: Command): Promise<void> {
  beginning ??= begin(command);
  return beginning;
}

async function begin(command: Command): Promise<void> {
  const disturbs = (reason: string) => {
    notify('disturbed', { reason });
    void killAllBelow(process.pid);
  };
  const begun = await CallWatch.begin(command, {
    call: (call, session) => notify('call', { run: runOfCaller(call.pid, session), call }),
    disturbs,
    deprives: (program) => disturbs(whyPrivileged(program)),
  });
  if (begun instanceof CallWatch) watch = begun;
  notify('watching', { whyNot: begun instanceof CallWatch ? null : begun.reason });
}

/**
 * The number of the run to which a process belongs. Each run has its own session; a process that has left it is found by its parents. A
 * process that has left both, by going into the background, counts for the last run.
 */
function runOfCaller(pid: number, session: number): number {
  const all = [...runs.values()];
  const direct = all.find((run) => run.pid === session);
  if (direct !== undefined) return direct.number;
  for (let at = readProcess(pid); at !== undefined && at.pid > 1; at = readProcess(at.parent)) {
    const above = all.find((run) => run.pid === at?.pid);
    if (above !== undefined) return above.number;
  }
  return all.at(-1)?.number ?? 0;
}

/** Resolves when the results of all calls so far are known. */
export async function callsSettled(): Promise<void> {
  await watch?.settled();
}

/** This process cannot end before the thread. */
export function endWatching(): void {
  watch?.release();
}
