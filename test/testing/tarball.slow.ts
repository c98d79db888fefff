import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import { nativePart } from '../../src/native/koffi.ts';
import { packagePath } from '../../src/package.ts';
import { startProgram } from '../../src/start-program.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tarball');

const options = "{ load: 'new=20/s,pooled=5,idle=2', preStop: '500ms' }";

/** Each project adds a dev dependency, and a test of three lines. */
const projects = {
  vitest: {
    script: 'vitest run --no-cache',
    needs: ['vitest'],
    file: 'restart.test.mjs',
    text: `import 'tcpclose/vitest';
import { expect, test } from 'vitest';
test('a restart loses nothing', () => expect(['node', 'server.js']).toSurviveRestart(${options}), 120_000);
`,
  },
  jest: {
    script: 'jest --cacheDirectory cache',
    needs: ['jest'],
    file: 'restart.test.js',
    text: `require('tcpclose/jest');
test('a restart loses nothing', () => expect(['node', 'server.js']).toSurviveRestart(${options}), 120_000);
`,
  },
  'node:test': {
    script: 'node --test',
    needs: [],
    file: 'restart.test.mjs',
    text: `import { test } from 'node:test';
import { survivesRestart } from 'tcpclose/node-test';
test('a restart loses nothing', () => survivesRestart(['node', 'server.js'], ${options}));
`,
  },
};

/** A server, with what it does on SIGTERM. */
const server = (onSigterm: string) => `
let stopping = false;
const server = require('node:http').createServer((_, response) => {
  if (stopping) response.setHeader('Connection', 'close');
  setTimeout(() => response.end('hello'), 20);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  ${onSigterm}
});
`;
const right = server('stopping = true; setTimeout(() => server.close(), 1000);');
const broken = server('process.exit(0);');

let tarball = '';

beforeAll(() => {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = execFileSync('npm', args, { cwd: packagePath('.'), encoding: 'utf8' });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(folder, filename);
});

/** A program to its end; a runner below a runner would report to it. */
async function finished(words: readonly [string, ...string[]], cwd: string) {
  const { VITEST: _, NODE_TEST_CONTEXT: _context, JEST_WORKER_ID: _worker, ...rest } = process.env;
  const env = { ...rest, PORT: String(somePort()), NO_COLOR: '1' } as Record<string, string>;
  const { child } = await startProgram(words, { cwd, stdin: 'ignore', env });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, output };
}

/** All but tcpclose itself is taken from here, so that nothing is downloaded. */
async function install(name: string, script: string, needs: readonly string[]): Promise<string> {
  const project = join(folder, name.replace(':', '-'));
  mkdirSync(project);
  const local = [nativePart(process.arch), 'jiti', ...needs].map((name) => [
    name,
    `file:${realpathSync(packagePath(`node_modules/${name}`))}`,
  ]);
  const devDependencies = { ...Object.fromEntries(local), tcpclose: `file:${tarball}` };
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, scripts: { test: script }, devDependencies }),
  );
  const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, output } = await finished(['npm', 'install', ...quiet], project);
  if (status !== 0) throw new Error(`npm install has failed:\n${output}`);
  return project;
}

describe.each(Object.entries(projects))(
  'a project of %s that installs the package',
  (name, { script, needs, file, text }) => {
    let project = '';
    beforeAll(async () => {
      project = await install(name, script, needs);
      writeFileSync(join(project, file), text);
    });

    test('passes with a server that drains', async ({ expect }) => {
      writeFileSync(join(project, 'server.js'), right);
      const { status, output } = await finished(['npm', 'test'], project);
      expect(status, output).toBe(0);
    });

    test('fails with cause, evidence and remedy when its graceful shutdown is broken', async ({ expect }) => {
      writeFileSync(join(project, 'server.js'), broken);
      const { status, output } = await finished(['npm', 'test'], project);
      expect(status, output).toBe(1);
      expect(output).toMatch(
        /node server\.js loses requests in a restart: (stops-listening-before-drain|exits-at-once)/,
      );
      expect(output).toMatch(/\d+ requests? (was|were) (refused|lost)/);
      expect(output).toMatch(/Remedy: \S/);
      const line = text.split('\n').findIndex((line) => line.startsWith('test(')) + 1;
      expect(output).toMatch(new RegExp(`[ /(]${file}:${line}:\\d+\\)?$`, 'm'));
    });
  },
);
