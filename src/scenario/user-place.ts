import { nameOf, placeIn } from './location.ts';

/** The user's own scenario files that were loaded. */
const files = new Set<string>();

export function rememberFile(file: string): void {
  files.add(file);
}

/** `mine.ts:12`: the first place in an error's stack that is in one of the user's files; undefined if there is none. */
export function placeOf(error: Error): string | undefined {
  const place = placeIn([...files], error);
  return place && `${nameOf(place.file)}:${place.line}`;
}
