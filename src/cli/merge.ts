import type { Command } from 'commander';
import { type MergeOptions, merge } from '../api/merge.ts';
import { mergeText } from '../report/merge/text.ts';
import { atThisPace, Progress } from '../report/progress.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions, type Given } from './common-options.ts';
import { exitStatus } from './exit-status.ts';
import { printDocument } from './output.ts';

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
    .option('--by-file', 'name hosts by file, for containers that share a host name')
    .action(async (paths: readonly string[], { byFile, ...options }: Given<MergeOptions>) => {
      const make = async () => {
        const progress = new Progress();
        const startedAt = performance.now();
        const document = await merge(paths, {
          byFile,
          abortSignal: signal,
          onEvent: ({ documents, file, of }) =>
            progress.say(`${documents} documents read`, atThisPace(startedAt, file - 1, of)),
        }).finally(() => progress.stop());
        // A document that is not read cannot be reported as well.
        finish(document.unread.count === 0 ? exitStatus.asExpected : exitStatus.couldNotRun);
        return document;
      };
      await printDocument(make, options, mergeText, 'merge');
    });
  addReporterOptions(command);
}
