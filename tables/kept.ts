import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServersTable } from './servers/result.ts';
import type { ShutdownTable } from './shutdown/result.ts';

/** The tables: what was measured, and the page that is written from it. */
export const kept = {
  shutdown: { results: 'tables/measured/shutdown.json', page: 'docs/shutdown.md' },
  servers: { results: 'tables/measured/servers.json', page: 'docs/servers.md' },
} as const;

interface Tables {
  readonly shutdown: ShutdownTable;
  readonly servers: ServersTable;
}

/** What was measured; undefined before the first time. */
export function readTable<Name extends keyof Tables>(name: Name): Tables[Name] | undefined {
  const { results } = kept[name];
  return existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : undefined;
}

/** Whole, or not at all. */
export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** What was measured, as Biome formats it. */
export function writeResults(file: string, table: unknown): void {
  write(file, JSON.stringify(table));
  execFileSync('node_modules/.bin/biome', ['format', '--write', '--log-level=none', file]);
}
