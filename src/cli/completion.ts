import { Argument, type Command } from 'commander';
import { OutputFile } from '../report/output-file.ts';
import { writeWhole } from '../write-whole.ts';
import type { Invocation } from './command-entry.ts';
import { outputMeaning } from './common-options.ts';
import { type Shell, scripts, shells } from './completion/scripts.ts';
import { exitStatus } from './exit-status.ts';
import { parseOutput, type ReporterOptions } from './reporter-choice.ts';

export function define(command: Command, { finish }: Invocation): void {
  chooseShell(command)
    .option('-o, --output <file>', outputMeaning, parseOutput)
    .action((shell: Shell, { output }: ReporterOptions) => {
      print(scripts[shell], output);
      finish(exitStatus.asExpected);
    });
}

function print(text: string, path: string | undefined): void {
  if (path === undefined) {
    writeWhole(1, text);
    return;
  }
  const file = new OutputFile(path);
  file.write(text);
  file.close();
}

/** The argument of the commands for shells. */
export function chooseShell(command: Command): Command {
  return command.addArgument(new Argument('<shell>', 'the shell that you use').choices(shells));
}
