import { readFileSync } from 'node:fs';

/** What a program or the kernel really printed; see the folder's README for how it was made. */
export function recorded(name: string): string {
  return readFileSync(new URL(`../observe/recorded/${name}.txt`, import.meta.url), 'utf8');
}
