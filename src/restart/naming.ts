import { type Harmless, harmless } from '../foreign.ts';
import { commandLineOf } from '../observe/processes.ts';
import type { Holder } from '../observe/row.ts';

const longest = 60;

/** A command line for a sentence: without the folder of its program, and truncated. */
export function shortCommand(command: string, name: string): Harmless {
  const line = command === '' ? name : command.replace(/^[^\s]*\//, '');
  return harmless(line.length <= longest ? line : `${line.slice(0, longest - 3)}...`);
}

/** `process 12 (node server.js)`. */
export function nameHolder({ pid, name }: Holder): string {
  return `process ${pid} (${shortCommand(commandLineOf(pid), name)})`;
}
