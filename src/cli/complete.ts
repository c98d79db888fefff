import type { Command } from 'commander';
import { writeWhole } from '../write-whole.ts';
import type { Invocation } from './command-entry.ts';
import { candidatesOf } from './completion/candidates.ts';
import { lineFor, type Shell } from './completion/scripts.ts';
import { chooseShell } from './completion.ts';
import { exitStatus } from './exit-status.ts';

/** What the scripts of `tcpclose completion` call each time the tab key is pressed. */
export function define(command: Command, invocation: Invocation): void {
  chooseShell(command)
    .argument('[word...]')
    .action(async (shell: Shell, words: readonly string[]) => {
      const candidates = await candidatesOf(words, invocation);
      writeWhole(1, candidates.map((candidate) => `${lineFor[shell](candidate)}\n`).join(''));
      invocation.finish(exitStatus.asExpected);
    });
}
