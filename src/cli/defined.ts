import { Command } from 'commander';
import type { CommandEntry, Invocation } from './command-entry.ts';

/** A command with its options, to be described and not run. */
export async function defined({ name, load }: CommandEntry, invocation: Invocation): Promise<Command> {
  const command = new Command(name);
  const { define } = await load();
  await define(command, { ...invocation, finish: () => {} });
  return command;
}
