import { relative } from 'node:path';

/** The files of scenarios of the user's own that were loaded. */
const files = new Set<string>();

export function rememberFile(file: string): void {
  files.add(file);
}

/** `mine.ts:12`: the first place of an error's stack that is in a file of the user's own; undefined if none is. */
export function placeOf({ stack = '' }: Error): string | undefined {
  for (const line of stack.split('\n')) {
    for (const file of files) {
      const at = line.indexOf(`${file}:`);
      const number = /^\d+/.exec(line.slice(at + file.length + 1))?.[0];
      if (at !== -1 && number !== undefined) return `${nameOf(file)}:${number}`;
    }
  }
  return undefined;
}

function nameOf(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
