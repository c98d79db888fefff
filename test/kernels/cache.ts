import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder below the user's cache for what was downloaded. */
export function cacheFolder(...names: readonly string[]): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'tcpclose', ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
