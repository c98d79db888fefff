import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'rolldown';
import { globSync } from 'tinyglobby';

// Everything is bundled except koffi's binary, and jiti, which loads users' files: one file starts faster than a tree of
// packages. The program is CommonJS, which Node starts faster than a module; the public interface is both.
const shared: BuildOptions = { platform: 'node', external: ['jiti', 'vitest'], logLevel: 'warn' };

// commander loads child_process for subcommands that are programs of their own. There are none here.
const lightCommander: Plugin = {
  name: 'light commander',
  resolveId: (source, importer) =>
    source === 'node:child_process' && importer?.includes('/commander/') ? '\0no-child-process' : null,
  load: (id) => (id === '\0no-child-process' ? 'export {}' : null),
};

// execa brings what Windows needs, and the words, icons and colours of messages that are never made here.
const leftOut: Readonly<Record<string, string>> = {
  'cross-spawn': 'export default { _parse: (command, args, options) => ({ command, args, options }) };',
  'human-signals': 'export const signalsByName = new Proxy({}, { get: () => ({}) });',
  figures: 'export default {};',
  'pretty-ms': 'export default String;',
  yoctocolors:
    'export const [bold, gray, red, redBright, yellow, yellowBright] = Array.from({ length: 6 }, () => String);',
};

const lightExeca: Plugin = {
  name: 'light execa',
  resolveId: (source, importer) =>
    source in leftOut && importer?.includes('/execa/lib/') ? `\0light ${source}` : null,
  load: (id) => (id.startsWith('\0light ') ? (leftOut[id.slice('\0light '.length)] ?? null) : null),
};

// A contradicted check names its line in the source of the scenario. No other map is needed.
const mapsOfScenarios: Plugin = {
  name: 'maps of scenarios',
  generateBundle(_, bundle) {
    for (const file of Object.keys(bundle))
      if (file.endsWith('.map') && !file.startsWith('scenarios/')) delete bundle[file];
  },
};

/** The programs of the child processes, and that of the page. A run from source needs them built, too. */
export function childBundles(folder: string): BuildOptions[] {
  const rooms = { peer: 'peer', supervisor: 'supervisor', load: 'load', 'own-file': 'scenario/apart' };
  const programs = Object.entries(rooms).map(([name, room]) => ({
    ...shared,
    plugins: [lightExeca],
    input: `src/${room}/main.ts`,
    output: { file: `${folder}/${name}.cjs`, format: 'cjs' as const, minify: true, codeSplitting: false },
  }));
  return [...programs, nodeHook(folder), page(folder)];
}

/** What `run` loads into programs of Node. */
function nodeHook(folder: string): BuildOptions {
  return {
    ...shared,
    input: 'src/supervisor/node-hook/main.ts',
    output: { file: `${folder}/node-hook.cjs`, format: 'cjs', minify: true, codeSplitting: false },
  };
}

/** What a report in HTML carries with it. A browser runs it. */
function page(folder: string): BuildOptions {
  return {
    platform: 'browser',
    logLevel: 'warn',
    input: 'src/report/page/main.ts',
    output: { file: `${folder}/page/page.js`, format: 'iife', minify: true, codeSplitting: false },
    plugins: [stylesOfPage(`${folder}/page`)],
  };
}

/** In the order in which they count: a later rule wins over an earlier one that is as specific. */
const sheets = {
  drawing: ['colours', 'lanes', 'states', 'segments', 'diagram', 'charts', 'binds'],
  page: ['text', 'run', 'controls', 'tables', 'figures', 'suite', 'claims', 'matrix', 'print'],
};

function stylesOfPage(folder: string): Plugin {
  return {
    name: 'styles of the page',
    writeBundle() {
      mkdirSync(folder, { recursive: true });
      for (const [sheet, parts] of Object.entries(sheets)) {
        const texts = parts.map((part) => readFileSync(`src/report/${sheet}/styles/${part}.css`, 'utf8'));
        writeFileSync(`${folder}/${sheet}.css`, texts.join('\n'));
      }
    },
  };
}

export function bundles(folder: string): BuildOptions[] {
  return [...childBundles(folder), program(folder), ...interfaces(folder)];
}

function program(folder: string): BuildOptions {
  const scenarios = globSync('scenarios/*/*.ts').map((file): [string, string] => [
    file.replace(/\.ts$/, ''),
    file,
  ]);
  return {
    ...shared,
    plugins: [lightCommander, lightExeca, mapsOfScenarios],
    input: { tcpclose: 'bin/tcpclose.ts', ...Object.fromEntries([...scenarios, ...functions()]) },
    output: {
      dir: folder,
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'chunks/[name]-[hash].cjs',
      exports: 'named',
      minify: true,
      sourcemap: 'hidden',
      sourcemapExcludeSources: true,
    },
  };
}

const entries = {
  index: 'src/index.ts',
  kit: 'src/kit/kit.ts',
  vitest: 'src/testing/vitest.ts',
  jest: 'src/testing/jest.ts',
  'node-test': 'src/testing/node-test.ts',
};

/** The package's entries, each for `import` and for `require`. Both load the same functions, which share code with the program. */
function interfaces(folder: string): BuildOptions[] {
  return Object.entries(entries).flatMap(([name, input]) => [
    {
      ...shared,
      input,
      plugins: [functionsApart('./api')],
      output: { file: `${folder}/${name}.js`, format: 'esm' },
    },
    {
      ...shared,
      input,
      plugins: [functionsApart('../api')],
      output: { file: `${folder}/require/${name}.js`, format: 'cjs', dynamicImportInCjs: false },
    },
  ]);
}

/** The files that src/api/api.ts loads when a function is called. */
function functions(): [name: string, file: string][] {
  const text = readFileSync('src/api/api.ts', 'utf8');
  const names = new Set([...text.matchAll(/import\('\.\/([\w-]+)\.ts'\)/g)].map(([, name = '']) => name));
  return [...names].map((name) => [`api/${name}`, `src/api/${name}.ts`]);
}

/** Theyare built with the program, and found in that folder. */
function functionsApart(folder: string): Plugin {
  return {
    name: 'functions apart',
    resolveId: (source, importer) => {
      const name = /^\.\/([\w-]+)\.ts$/.exec(source)?.[1];
      if (name === undefined || !importer?.endsWith('/src/api/api.ts')) return null;
      return { id: `${folder}/${name}.cjs`, external: true };
    },
  };
}
