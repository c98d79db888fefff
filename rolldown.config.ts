import { defineConfig, type RolldownOptions } from 'rolldown';
import { globSync } from 'tinyglobby';

// Everything is bundled but koffi, which is native: one file starts faster than a tree of packages. The program is CommonJS,
// since Node starts it faster than a module; the interface is a module.
const shared: RolldownOptions = { platform: 'node', external: ['koffi'] };

const scenarios = Object.fromEntries(
  globSync('scenarios/*/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]),
);

const peer = defineConfig({
  ...shared,
  input: 'src/peer/main.ts',
  output: { file: 'dist/peer.cjs', format: 'cjs', minify: true },
});

const program = defineConfig({
  ...shared,
  input: { tcpclose: 'bin/tcpclose.ts', ...scenarios },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
    exports: 'named',
    minify: true,
  },
});

const api = defineConfig({
  ...shared,
  input: 'src/index.ts',
  output: { file: 'dist/index.js', format: 'esm' },
});

export default process.env['TCPCLOSE_BUILD'] === 'peer' ? peer : [peer, program, api];
