import { relative } from 'node:path';

/** The user's own scenario files that were loaded. */
const files = new Set<string>();

export function rememberFile(file: string): void {
  files.add(file);
}

/** `mine.ts:12`: the first place in an error's stack that is in one of the user's files; undefined if there is none. */
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
