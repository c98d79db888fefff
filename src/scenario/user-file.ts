import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, resolve } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';
import { packagePath } from '../package.ts';
import type { LoadedScenario } from './catalogue.ts';
import type { Scenario } from './scenario.ts';

/** Whether an argument means a file and not a name of the catalogue. */
export function isFile(argument: string): boolean {
  return argument.includes('/') || /^\.[cm]?[jt]s$/.test(extname(argument));
}

/**
 * Loads a scenario of the user's own, TypeScript or JavaScript, on every Node: not all of them strip types by themselves.
 * `import ... from 'tcpclose'` in it means this very program, wherever the file lies.
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
  const scenario = await importDefault(argument, file);
  if (!isScenario(scenario)) {
    throw new UsageError(
      'no-scenario',
      `"${argument}" exports no scenario: write "export default scenario({ ... })", with scenario from 'tcpclose'`,
    );
  }
  return { name: basename(file).replace(/\.\w+$/, ''), topic: 'your own', file, scenario };
}

async function importDefault(argument: string, file: string): Promise<unknown> {
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  const jiti = createJiti(import.meta.url, {
    alias: { tcpclose: packagePath('dist/index.js') },
    fsCache: false,
    moduleCache: false,
  });
  try {
    return await jiti.import(file, { default: true });
  } catch (error) {
    const why = messageOf(error).split('\n')[0]?.trim();
    throw new UsageError(
      'bad-file',
      `"${argument}" cannot be loaded (${why}): mend it, and try again`,
      error,
    );
  }
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { title, claim, run, parameters } = value as Partial<Record<keyof Scenario, unknown>>;
  const described = typeof title === 'string' && typeof claim === 'string';
  return described && typeof run === 'function' && typeof parameters === 'object';
}
