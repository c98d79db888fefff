import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Moves every file of a folder into the target by rename(2): a program that starts from there meanwhile finds each file whole, either the
 * old or the new one. A file is moved after those that it loads. Files that are no longer built are removed last.
 */
export function installFiles(
  folder: string,
  target: string,
  stale: 'keep the others' | 'remove the others',
): void {
  const files = filesIn(folder).sort((a, b) => loadOrder(a) - loadOrder(b));
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    renameSync(join(folder, file), join(target, file));
  }
  if (stale === 'keep the others') return;
  const installed = new Set(files);
  for (const file of filesIn(target)) if (!installed.has(file)) rmSync(join(target, file));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

/** The program loads scenarios, the interfaces load functions, and all load chunks. */
function loadOrder(file: string): number {
  if (file.startsWith('chunks/')) return 0;
  return file.includes('/') ? 1 : 2;
}
