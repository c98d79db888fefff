import type { Command } from 'commander';
import { findScenario, isNamed, unknownScenario } from '../api/find-scenarios.ts';
import { runLoaded, wantedRun } from '../api/run-scenario.ts';
import type { Event } from '../events.ts';
import { DeferredReporter } from '../report/deferred.ts';
import { PcapFile } from '../report/packets/pcap-file.ts';
import { endBusyLoops } from '../scenario/busy-loop.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { isFile, loadFile } from '../scenario/user-file.ts';
import type { Invocation } from './command-entry.ts';
import { addDemoOptions, type DemoOptions, scenarioOptionsOf } from './demo/options.ts';
import { reportsOf } from './demo/reporter.ts';
import { EnteredLines } from './entered-lines.ts';
import { statusOf } from './exit-status.ts';
import { openOutputs } from './output.ts';

export async function define(command: Command, { args, interruption, finish }: Invocation): Promise<void> {
  endBusyLoops();
  const loaded = await loadNamed(args);
  addDemoOptions(command, loaded?.scenario.parameters ?? {});
  command.action(async (name: string, options: DemoOptions) => {
    if (loaded === undefined) throw unknownScenario(name);
    finish(await demo(loaded, options, interruption.signal));
  });
}

// The options of a scenario are known only once it is loaded: its name must be found before the options are parsed.
async function loadNamed(args: readonly string[]): Promise<LoadedScenario | undefined> {
  const entries = catalogue();
  const given = args.slice(args.indexOf('demo') + 1);
  // A stimulus may have the name of a scenario.
  const words = given.filter((arg, i) => !arg.startsWith('-') && given[i - 1] !== '--without');
  const named = words.find((word) => entries.some((entry) => isNamed(entry, word)));
  if (named !== undefined) return loadEntry(findScenario(named));
  const file = words.find(isFile);
  return file === undefined ? undefined : loadFile(file);
}

async function demo(loaded: LoadedScenario, options: DemoOptions, signal: AbortSignal): Promise<number> {
  const wanted = scenarioOptionsOf(loaded, options);
  // A scenario that cannot run is refused before a file is created for it.
  wantedRun(loaded, wanted);
  const outputs = openOutputs(options);
  const pcap = options.pcap === undefined ? undefined : new PcapFile(options.pcap);
  const entered = options.step ? new EnteredLines() : undefined;
  const reporter = new DeferredReporter<Event>();
  let error: Error | undefined;
  // Its processes start at once, while the reporter is loaded.
  const running = runLoaded(loaded, {
    ...wanted,
    abortSignal: signal,
    onEvent: (event) => {
      reporter.onEvent(event);
      pcap?.onEvent(event);
      if (event.type === 'run finished' && event.outcome.state === 'errored') error = event.outcome.error;
    },
    beforeStep: entered && (async (signal) => void (await entered.next(signal))),
  });
  const making = reportsOf(loaded.name, outputs, options);
  const [{ outcome }, reports] = await Promise.all([
    running,
    making.then((reports) => {
      reporter.to(reports.events);
      return reports;
    }),
  ]);
  entered?.close();
  if (error !== undefined) {
    reports.fail(error);
    throw error;
  }
  await reports.close();
  return statusOf[outcome];
}
