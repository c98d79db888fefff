import { Argument, type Command } from 'commander';
import { completionDocumentOf } from '../report/documents/completion.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { type Shell, scripts, shells } from './completion/scripts.ts';
import { exitStatus } from './exit-status.ts';
import { type OutputOptions, printDocument } from './output.ts';

export function define(command: Command, { finish }: Invocation): void {
  addReporterOptions(chooseShell(command)).action(async (shell: Shell, options: OutputOptions) => {
    const make = async () => completionDocumentOf(shell, scripts[shell]);
    await printDocument(make, options, ({ script }) => script.trimEnd().split('\n'), 'completion');
    finish(exitStatus.asExpected);
  });
}

/** The argument of the commands for shells. */
export function chooseShell(command: Command): Command {
  return command.addArgument(new Argument('<shell>', 'the shell that you use').choices(shells));
}
