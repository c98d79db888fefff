import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { packagePath } from '../package.ts';
import type { LoadedScenario } from './catalogue.ts';
import { needNames } from './needs.ts';
import type { Scenario } from './scenario.ts';
import { watched } from './user-code.ts';
import { rememberFile } from './user-place.ts';

/** The topic of scenarios that are not of the catalogue. */
export const ownTopic = 'your own';

/** Whether an argument names a file, and not an entry of the catalogue. */
export function isFile(argument: string): boolean {
  return argument.includes('/') || isSource(argument);
}

/**
 * Loads the file that an argument names, or every scenario in a folder and those below it. Files without a default export are
 * for others to import.
 * @throws UsageError as `loadFile`, and `no-scenario` for a folder without any
 */
export async function loadFiles(argument: string): Promise<LoadedScenario[]> {
  if (!statSync(argument, { throwIfNoEntry: false })?.isDirectory()) return [await loadFile(argument)];
  const loaded: LoadedScenario[] = [];
  for (const file of sourcesIn(argument)) {
    const exported = await importDefault(file, resolve(file));
    if (exported !== undefined) loaded.push(asScenario(file, exported));
  }
  if (loaded.length > 0) return loaded;
  throw new UsageError(
    'no-scenario',
    `the folder "${argument}" has no scenario: name one with files that export scenarios`,
  );
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return files
    .filter(
      (file) => isSource(file) && !/\.d\.[cm]?ts$/.test(file) && !file.split('/').includes('node_modules'),
    )
    .map((file) => join(folder, file));
}

function isSource(file: string): boolean {
  return /^\.[cm]?[jt]s$/.test(extname(file));
}

/**
 * Loads the user's own scenario, TypeScript or JavaScript, on every Node: not all of them strip types.
 * `import ... from 'tcpclose'` (or `tcpclose/kit`) in it means this program, wherever the file is.
 * @throws UsageError when there is no such file, it cannot be read, or it exports no scenario
 */
export async function loadFile(argument: string): Promise<LoadedScenario> {
  const file = resolve(argument);
  if (!existsSync(file)) {
    throw new UsageError(
      'no-file',
      `there is no file "${argument}": give the path of a scenario, or a name of "tcpclose list"`,
    );
  }
  return asScenario(argument, await importDefault(argument, file));
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

// It would end tcpclose in the middle of a run, with a status that hides it.
function refuseToExit(): never {
  throw new Error('process.exit() would end tcpclose: return from run, or throw an error');
}

async function importDefault(argument: string, file: string): Promise<unknown> {
  rememberFile(file);
  process.exit = refuseToExit;
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  const jiti = createJiti(import.meta.url, {
    alias: { 'tcpclose/kit': packagePath('dist/kit.js'), tcpclose: packagePath('dist/index.js') },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  try {
    const exports = await jiti.import<{ default?: unknown }>(file);
    return exports.default ?? (isScenario(exports) ? exports : undefined);
  } catch (error) {
    throw new UsageError(
      'bad-file',
      `"${argument}" cannot be loaded (${whyNotLoaded(error)}): fix it and try again`,
      error,
    );
  }
}

// jiti reports syntax errors so: "ParseError: Unexpected token  \n /home/me/mine.ts:2:37".
function whyNotLoaded(error: unknown): string {
  const [why = '', place = ''] = String(error instanceof Error ? error.message : error).split('\n');
  const [, path, line] = /^\s*(\S.*):(\d+):\d+$/.exec(place) ?? [];
  return path === undefined ? why.trim() : `${basename(path)}:${line}: ${why.trim()}`;
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { title, claim, run, parameters, needs } = value as Partial<Record<keyof Scenario, unknown>>;
  const described = typeof title === 'string' && typeof claim === 'string';
  return described && typeof run === 'function' && typeof parameters === 'object' && Array.isArray(needs);
}
