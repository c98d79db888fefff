import { Argument, type Command } from 'commander';
import { writeWhole } from '../write-whole.ts';
import type { Invocation } from './command-entry.ts';
import { type Shell, scripts, shells } from './completion/scripts.ts';
import { exitStatus } from './exit-status.ts';

export function define(command: Command, { finish }: Invocation): void {
  chooseShell(command).action((shell: Shell) => {
    writeWhole(1, scripts[shell]);
    finish(exitStatus.asExpected);
  });
}

/** The argument of the commands for shells. */
export function chooseShell(command: Command): Command {
  return command.addArgument(new Argument('<shell>', 'your shell').choices(shells));
}
