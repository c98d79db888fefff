import type { Command } from 'commander';
import type { Event } from '../events.ts';
import { DeferredReporter } from '../report/deferred.ts';
import { PcapFile } from '../report/packets/pcap-file.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { runScenario } from '../scenario/run.ts';
import { isFile, loadFile } from '../scenario/user-file.ts';
import type { Invocation } from './commands.ts';
import { addDemoOptions, type DemoOptions, wantedRun } from './demo/options.ts';
import { reporterOf } from './demo/reporter.ts';
import { statusOf } from './exit-status.ts';
import { findScenario, isNamed, unknownScenario } from './find-scenario.ts';
import { StepKeys } from './step-keys.ts';

export async function define(command: Command, { args, interruption, finish }: Invocation): Promise<void> {
  const loaded = await loadNamed(args);
  addDemoOptions(command, loaded?.scenario.parameters ?? {});
  command.action(async (name: string, options: DemoOptions) => {
    if (loaded === undefined) throw unknownScenario(name);
    finish(await demo(loaded, options, interruption.signal));
  });
}

// The options of a scenario are known only when it is loaded: its name is looked for before the options are parsed.
async function loadNamed(args: readonly string[]): Promise<LoadedScenario | undefined> {
  const entries = catalogue();
  const words = args.slice(args.indexOf('demo') + 1).filter((arg) => !arg.startsWith('-'));
  const named = words.find((word) => entries.some((entry) => isNamed(entry, word)));
  if (named !== undefined) return loadEntry(findScenario(named));
  const file = words.find(isFile);
  return file === undefined ? undefined : loadFile(file);
}

async function demo(loaded: LoadedScenario, options: DemoOptions, signal: AbortSignal): Promise<number> {
  const wanted = wantedRun(loaded, options);
  const pcap = options.pcap === undefined ? undefined : new PcapFile(options.pcap);
  const keys = options.step ? new StepKeys() : undefined;
  const reporter = new DeferredReporter<Event>();
  // Its processes start at once, and the reporter is loaded meanwhile.
  const running = runScenario(loaded, {
    ...wanted,
    signal,
    emit: (event) => {
      reporter.onEvent(event);
      pcap?.onEvent(event);
    },
    ...(keys === undefined ? {} : { beforeStep: (signal) => keys.next(signal) }),
  });
  reporter.to(await reporterOf(loaded.name, options));
  const outcome = await running;
  keys?.close();
  if (outcome.state === 'errored') throw outcome.error;
  return statusOf[outcome.state];
}
