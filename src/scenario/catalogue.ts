import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Outcome } from '../events.ts';
import { runsFromSource, scenariosFolder } from '../package.ts';
import type { RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';

/** The place of a scenario in the catalogue: `order/server-first` is scenarios/order/server-first.ts. */
export interface CatalogueEntry {
  readonly name: string;
  readonly topic: string;
  readonly file: string;
}

export interface LoadedScenario extends CatalogueEntry {
  readonly scenario: Scenario;
  /** Runs it in a process of its own, as its file was loaded there. */
  readonly apart?: (options: RunOptions) => Promise<Outcome>;
}

/** Every scenario of the package, by topic and name. The file tree is the only list of them. */
export function catalogue(): CatalogueEntry[] {
  return foldersOf(scenariosFolder).flatMap((topic) =>
    readdirSync(join(scenariosFolder, topic))
      .filter((file) => /\.(?:ts|cjs)$/.test(file))
      .sort()
      .map((file) => ({ topic, name: file.replace(/\.\w+$/, ''), file: join(scenariosFolder, topic, file) })),
  );
}

function foldersOf(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'chunks')
    .map(({ name }) => name)
    .sort();
}

export async function loadEntry(entry: CatalogueEntry): Promise<LoadedScenario> {
  const module = await importFile(entry.file);
  return { ...entry, scenario: module.default };
}

// The build is CommonJS, which starts faster.
async function importFile(file: string): Promise<{ default: Scenario }> {
  if (!runsFromSource) return createRequire(import.meta.url)(file);
  return import(pathToFileURL(file).href);
}
