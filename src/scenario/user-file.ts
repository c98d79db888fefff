import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { LoadedScenario } from './catalogue.ts';
import { needNames } from './needs.ts';
import type { Scenario } from './scenario.ts';
import { watched } from './user-code.ts';
import { importUserModule } from './user-module.ts';

/** The topic of scenarios that are not in the catalogue. */
export const ownTopic = 'your own';

/** Whether an argument names a file, and not an entry of the catalogue. */
export function isFile(argument: string): boolean {
  return argument.includes('/') || isSource(argument);
}

export interface NamedFile {
  readonly argument: string;
  /** Files of a folder without a default export are for others to import. */
  readonly given: 'by name' | 'in a folder';
}

/**
 * The file that an argument names, or every file in a folder and below it.
 * @throws UsageError `no-file`
 */
export function filesOf(argument: string): NamedFile[] {
  if (statSync(argument, { throwIfNoEntry: false })?.isDirectory())
    return sourcesIn(argument).map((file) => ({ argument: file, given: 'in a folder' }));
  refuseMissing(argument);
  return [{ argument, given: 'by name' }];
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return files
    .filter(
      (file) => isSource(file) && !/\.d\.[cm]?ts$/.test(file) && !file.split('/').includes('node_modules'),
    )
    .map((file) => join(folder, file));
}

export function isSource(file: string): boolean {
  return /^\.[cm]?[jt]s$/.test(extname(file));
}

/**
 * Loads the user's own scenario.
 * @throws UsageError if there is no such file, if it cannot be read, or if it exports no scenario
 */
export async function loadFile(argument: string): Promise<LoadedScenario> {
  refuseMissing(argument);
  return asScenario(argument, await importScenario(argument));
}

/** The same, but null if it exports nothing. */
export async function loadIfScenario(argument: string): Promise<LoadedScenario | null> {
  const exported = await importScenario(argument);
  return exported === undefined ? null : asScenario(argument, exported);
}

function refuseMissing(argument: string): void {
  if (existsSync(resolve(argument))) return;
  throw new UsageError(
    'no-file',
    `there is no file "${argument}": give the path of a scenario, or a name of "tcpclose list"`,
  );
}

function asScenario(argument: string, exported: unknown): LoadedScenario {
  if (!isScenario(exported)) {
    throw new UsageError(
      'no-scenario',
      `"${argument}" exports no scenario: write "export default scenario({ ... })", with scenario from 'tcpclose'`,
    );
  }
  const file = resolve(argument);
  const unknown = exported.needs.find((need) => !needNames.includes(need));
  if (unknown !== undefined) {
    throw new UsageError(
      'bad-scenario',
      `"${argument}" needs "${unknown}", which is not a need: choose from ${needNames.join(', ')}`,
    );
  }
  return { name: basename(file, extname(file)), topic: ownTopic, file, scenario: watched(exported, file) };
}

async function importScenario(argument: string): Promise<unknown> {
  const exports = await importUserModule(argument);
  return exports.default ?? (isScenario(exports) ? exports : undefined);
}

/** For callers without types, and files that export anything. */
export function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { title, claim, run, parameters, needs } = value as Partial<Record<keyof Scenario, unknown>>;
  const described = typeof title === 'string' && typeof claim === 'string';
  return described && typeof run === 'function' && typeof parameters === 'object' && Array.isArray(needs);
}
