import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { Location } from '../events.ts';
import { packagePath } from '../package.ts';

/** Line and column count from 1. */
interface Place extends Location {
  readonly column: number;
}

/** The first place in an error's stack that is in one of the files. */
function placeIn(files: readonly string[], { stack = '' }: Error): Place | undefined {
  for (const frame of stack.split('\n')) {
    for (const file of files) {
      const at = frame.indexOf(`${file}:`);
      const [, line, column] = /^(\d+):(\d+)/.exec(frame.slice(at + file.length + 1)) ?? [];
      if (at !== -1 && line !== undefined) return { file, line: Number(line), column: Number(column) };
    }
  }
  return undefined;
}

/** Where in the file of a scenario an error was created; null if elsewhere. A built file is traced back to its source. */
export function locationOf(error: Error, file: string): Location | null {
  const place = file === '' ? undefined : placeIn([file], error);
  if (place === undefined) return null;
  const map = `${file}.map`;
  return existsSync(map) ? original(map, place) : { file: nameOf(file), line: place.line };
}

// The map is read only for a contradicted check.
function original(map: string, { line, column }: Place): Location | null {
  const entry = new SourceMap(JSON.parse(readFileSync(map, 'utf8'))).findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return null;
  const source = resolve(dirname(map), entry.originalSource);
  return { file: relative(packagePath('.'), source), line: entry.originalLine + 1 };
}

/** A path as the user would write it from the current folder. */
export function nameOf(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}

/** The user's own scenario files that were loaded. */
const userFiles = new Set<string>();

export function rememberFile(file: string): void {
  userFiles.add(file);
}

/** `mine.ts:12`: the first place in an error's stack that is in one of the user's files; undefined if there is none. */
export function placeOf(error: Error): string | undefined {
  const place = placeIn([...userFiles], error);
  return place && `${nameOf(place.file)}:${place.line}`;
}
