import type { Command } from 'commander';
import { doctor } from '../api/doctor.ts';
import { doctorText } from '../report/doctor.ts';
import { atThisPace, Progress } from '../report/progress.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { interruption, finish }: Invocation): void {
  addReporterOptions(command).action(async (options: OutputOptions) => {
    const make = async () => {
      const progress = new Progress();
      const startedAt = performance.now();
      return doctor({
        abortSignal: interruption.signal,
        onEvent: ({ name, done, of }) =>
          progress.say(`${done} of ${of}: ${name}`, atThisPace(startedAt, done, of)),
      }).finally(() => progress.stop());
    };
    await printDocument(make, options, doctorText, 'doctor');
    finish(exitStatus.asExpected);
  });
}
