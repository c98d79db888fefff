import type { Command } from 'commander';
import { examine } from '../doctor/doctor.ts';
import { doctorText } from '../report/doctor.ts';
import { doctorDocumentOf } from '../report/documents/doctor.ts';
import { Spinner } from '../report/spinner.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { interruption, finish }: Invocation): void {
  addReporterOptions(command).action(async (options: OutputOptions) => {
    const make = async () => {
      const spinner = new Spinner();
      spinner.say('trying what this machine allows');
      return doctorDocumentOf(await examine(interruption.signal).finally(() => spinner.stop()));
    };
    await printDocument(make, options, doctorText, 'doctor');
    finish(exitStatus.asExpected);
  });
}
