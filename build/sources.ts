import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';

const patterns = [
  '{bin,build,scenarios,src}/**/*.{ts,css}',
  'src/**/*.{py,sh}',
  'kernels/*.json',
  'package.json',
  'package-lock.json',
  'tsconfig*.json',
];

/** The hash of all sources of a build. It changes when any of them changes. */
export function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(patterns).sort())
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const stamp = (folder: string) => join(folder, '.sources');

/** The hash of the sources that a folder was built from; null if it was never built, or not completely. */
export function builtFrom(folder: string): string | null {
  return existsSync(stamp(folder)) ? readFileSync(stamp(folder), 'utf8') : null;
}

export function stampFolder(folder: string, sources: string): void {
  writeFileSync(stamp(folder), sources);
}
