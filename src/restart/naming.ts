import { type Harmless, harmless } from '../foreign.ts';

const longest = 60;

/** A command line for a sentence: without the folder of its program, and truncated. */
export function shortCommand(command: string, name: string): Harmless {
  const line = command === '' ? name : command.replace(/^[^\s]*\//, '');
  return harmless(line.length <= longest ? line : `${line.slice(0, longest - 3)}...`);
}
