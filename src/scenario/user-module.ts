import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { packagePath } from '../package.ts';
import { watchBusyLoops } from './busy-loop.ts';
import { rememberFile } from './location.ts';

/**
 * The exports of the user's own file, in TypeScript or JavaScript, on every Node: not all of them strip types. `import ... from 'tcpclose'`
 * (or `tcpclose/kit`) in it means this program, wherever the file is.
 * @throws UsageError `bad-file` if it cannot be loaded, with the line
 */
export async function importUserModule(argument: string): Promise<{ readonly default?: unknown }> {
  const file = resolve(argument);
  rememberFile(file);
  watchBusyLoops();
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  const jiti = createJiti(import.meta.url, {
    alias: { 'tcpclose/kit': packagePath('dist/kit.js'), tcpclose: packagePath('dist/index.js') },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  try {
    return await jiti.import<{ default?: unknown }>(file);
  } catch (error) {
    throw new UsageError(
      'bad-file',
      `"${argument}" cannot be loaded (${whyNotLoaded(error)}): fix it and try again`,
      error,
    );
  }
}

// How jiti reports syntax errors: "ParseError: Unexpected token  \n /home/me/mine.ts:2:37".
function whyNotLoaded(error: unknown): string {
  const [why = '', place = ''] = String(error instanceof Error ? error.message : error).split('\n');
  const [, path, line] = /^\s*(\S.*):(\d+):\d+$/.exec(place) ?? [];
  return path === undefined ? why.trim() : `${basename(path)}:${line}: ${why.trim()}`;
}
