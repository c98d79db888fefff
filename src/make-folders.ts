import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its missing parents. mkdirSync() with `recursive` retries forever if the kernel answers ENOENT inside an existing
 * folder, as in /proc.
 * @throws the error of mkdir(2)
 */
export function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path) makeFolders(above);
  mkdirSync(path);
}
