import { Command } from 'commander';
import type { CommandEntry, Invocation } from './command-entry.ts';

/** A command with its options, which is not run: for those who describe it. */
export async function defined({ name, load }: CommandEntry, invocation: Invocation): Promise<Command> {
  const command = new Command(name);
  const { define } = await load();
  await define(command, { ...invocation, finish: () => {} });
  return command;
}
