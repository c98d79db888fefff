/** Builds what the package carries: `tsx build/build.ts` all of it, `tsx build/build.ts children` the programs of its child processes alone. */
import { rmSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'rolldown';
import { globSync } from 'tinyglobby';
import { writeLicenses } from './licenses.ts';
import { writeSchemas } from './schemas.ts';

// All is bundled but koffi, which is native, and jiti, which loads files of users: one file starts faster than a tree of packages. The program is CommonJS, since
// Node starts that faster than a module; the interface is a module.
const shared: BuildOptions = { platform: 'node', external: ['koffi', 'jiti'], logLevel: 'warn' };

const children: BuildOptions[] = ['peer', 'keeper'].map((name) => ({
  ...shared,
  input: `src/${name}/main.ts`,
  output: { file: `dist/${name}.cjs`, format: 'cjs', minify: true },
}));

// commander loads what it needs for subcommands that are programs of their own, of which there are none here.
const lightCommander: Plugin = {
  name: 'light commander',
  resolveId: (source, importer) =>
    source === 'node:child_process' && importer?.includes('/commander/') ? '\0no-child-process' : null,
  load: (id) => (id === '\0no-child-process' ? 'export {}' : null),
};

const scenarios = globSync('scenarios/*/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]);

const program: BuildOptions = {
  ...shared,
  plugins: [lightCommander],
  input: { tcpclose: 'bin/tcpclose.ts', ...Object.fromEntries(scenarios) },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
    exports: 'named',
    minify: true,
  },
};

const api: BuildOptions = {
  ...shared,
  input: 'src/index.ts',
  output: { file: 'dist/index.js', format: 'esm' },
};

if (process.argv[2] === 'children') {
  await build(children);
} else {
  rmSync('dist', { recursive: true, force: true });
  const outputs = await build([...children, program, api]);
  writeSchemas('dist/schema');
  writeLicenses('dist/THIRD-PARTY-LICENSES.txt', outputs);
}
