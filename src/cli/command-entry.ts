import type { Command } from 'commander';
import type { GenericSchema } from 'valibot';
import type { Candidate } from './completion/scripts.ts';
import type { Interruption } from './interruption.ts';

/** The heading of the options that every command has. */
export const commonGroup = 'Common options:';

/** What a command gets besides its options. */
export interface Invocation {
  /** All arguments of the program. */
  readonly args: readonly string[];
  readonly interruption: Interruption;
  /** All commands of tcpclose. */
  readonly commands: readonly CommandEntry[];
  /** Sets the exit status. */
  finish(status: number): void;
}

/** A file of this folder that defines a command: its options and its action. */
interface CommandModule {
  define(command: Command, invocation: Invocation): Promise<void> | void;
}

export interface CommandEntry {
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly synopsis: string;
  /** The same in the notation of commander, if it differs. */
  readonly parameters?: string;
  readonly summary: string;
  /** The meaning of exit status 0, and of 1 if the command has it. */
  readonly statuses: readonly [asExpected: string, contradicted?: string];
  /** Why it may end without a result, with status 2, besides bad usage and a missing requirement. */
  readonly noResult?: string;
  /** The statuses after those, if they differ from those of all commands. */
  readonly otherStatuses?: readonly (readonly [status: string, meaning: string])[];
  readonly examples: readonly string[];
  load(): Promise<CommandModule>;
  /** The schema of what it prints with --json; left out by commands that print no document. */
  document?(): Promise<GenericSchema>;
  /** What may follow the name, for completion in shells; left out if tcpclose does not know the candidates. */
  candidates?(): Promise<readonly Candidate[]>;
  /** A command for programs; help does not list it. */
  readonly hidden?: true;
}
