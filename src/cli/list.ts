import type { Command } from 'commander';
import { listDocumentOf } from '../report/documents/list.ts';
import { listText } from '../report/list.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { finish }: Invocation): void {
  addReporterOptions(command).action(async (options: OutputOptions) => {
    const make = async () => listDocumentOf(await Promise.all(catalogue().map(loadEntry)));
    await printDocument(make, options, listText, 'list');
    finish(exitStatus.asExpected);
  });
}
