import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { merge } from '../merge/merge.ts';
import { mergeDocumentOf } from '../report/documents/merge.ts';
import { mergeText } from '../report/merge/text.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

interface MergeOptions extends OutputOptions {
  readonly byFile?: boolean;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
    .option('--by-file', 'name hosts by file, for containers that share a host name')
    .action(async (paths: readonly string[], options: MergeOptions) => {
      const make = async () => {
        const merged = await merge(paths, options.byFile ? 'name of file' : 'own name', signal);
        const { fleet, unread } = merged;
        const [none] = unread.first;
        if (fleet.audits + fleet.ledgers === 0) {
          const why = none === undefined ? 'the files are empty' : `${none.from}: ${none.reason}`;
          throw new UsageError('nothing-to-merge', `no document to merge: ${why}`);
        }
        // What is not read is not reported as well.
        finish(unread.count === 0 ? exitStatus.asExpected : exitStatus.couldNotRun);
        return mergeDocumentOf(merged);
      };
      await printDocument(make, options, mergeText, 'merge');
    });
  addReporterOptions(command);
}
