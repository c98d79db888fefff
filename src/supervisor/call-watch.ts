import { runOfCaller } from './calls/attribution.ts';
import { CallWatch } from './calls/watching.ts';
import { notify } from './notify.ts';
import { type Command, runs } from './runs.ts';
import { killAllBelow } from './sweeping.ts';

let watch: CallWatch | undefined;
let beginning: Promise<void> | undefined;

/** Watches the calls of all that is started from now on, if possible. */
export function beginWatching(command: Command): Promise<void> {
  beginning ??= begin(command);
  return beginning;
}

async function begin({ command, folder, environment }: Command): Promise<void> {
  const begun = await CallWatch.begin(
    { words: command, folder, path: environment['PATH'] },
    {
      call: (call, session) =>
        notify('call', { run: runOfCaller(call.pid, session, [...runs.values()]), call }),
      disturbs: (reason) => {
        notify('disturbed', { reason });
        void killAllBelow(process.pid);
      },
    },
  );
  if (begun instanceof CallWatch) watch = begun;
  notify('watching', { whyNot: begun instanceof CallWatch ? null : begun.reason });
}

/** Resolves when the results of all calls until now are known. */
export async function callsSettled(): Promise<void> {
  await watch?.settled();
}

/** This process cannot end before. */
export function endWatching(): void {
  watch?.release();
}
