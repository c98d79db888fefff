import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packagePath } from '../../src/package.ts';
import { startProgram } from '../../src/start-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('runners');

/** The tests of a user, in the words of their runner: two pass, two fail. The first opens its socket at once. */
function tests(survives: (command: string, options: string) => string, leaves: string): string {
  return `
const net = require('node:net');
const { once } = require('node:events');
const start = (port, more) => [process.execPath, '-e', \`\${more}; require('node:net').createServer().listen(\${port}, '127.0.0.1')\`];
let kept;

test('leaves a listener', async () => {
  kept = net.createServer().listen(0, '127.0.0.1');
  await once(kept, 'listening');
  try {
    await ${leaves}; // awaited
  } finally {
    kept.close();
  }
}, 60_000);

test('survives', async () => {
  const { port, close } = await freePort();
  close();
  await ${survives("start(port, '')", '{ settle: 100 }')};
}, 60_000);

test('does not survive', async () => {
  const { port, close } = await freePort();
  close();
  const stubborn = start(port, "process.on('SIGTERM', () => {})");
  return ${survives('stubborn', '{ stopTimeout: 300 }')}; // returned
}, 60_000);

test('leaves nothing', async () => {
  const free = await freePort();
  const server = net.createServer();
  server.listen({ fd: free.fd });
  await once(server, 'listening');
  if (server.address().port !== free.port) throw new Error('another port');
  server.close();
  free.close();
  await ${leaves};
}, 60_000);
`;
}

const expectSurvives = (command: string, options: string) =>
  `expect(${command}).toSurviveRestart(${options})`;

const vitestFile = `import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { freePort } from 'tcpclose/vitest';
const require = createRequire(import.meta.url);
${tests(expectSurvives, 'expect(process).toLeaveNoSockets({ within: 200 })')}`;
const jestFile = `const { freePort } = require('tcpclose/jest');
${tests(expectSurvives, 'expect(process).toLeaveNoSockets({ within: 200 })')}`;
const nodeFile = `const nodeTest = require('node:test');
const { freePort, leavesNoSockets, survivesRestart } = require('tcpclose/node-test');
const test = (name, run) => nodeTest(name, run);
${tests((command, options) => `survivesRestart(${command}, ${options})`, 'leavesNoSockets({ within: 200 })')}`;

const runners = {
  vitest: {
    file: 'mine.test.mjs',
    text: vitestFile,
    command: [
      packagePath('node_modules/vitest/vitest.mjs'),
      'run',
      '--no-color',
      '--no-cache',
      'mine.test.mjs',
    ],
  },
  jest: {
    file: 'mine.jest.test.cjs',
    text: jestFile,
    command: [
      packagePath('node_modules/jest/bin/jest.js'),
      ...[
        '--no-color',
        '--no-cache',
        '--testMatch',
        '**/*.jest.test.cjs',
        '--rootDir',
        '.',
        '--cacheDirectory',
        'cache',
      ],
    ],
  },
  'node:test': {
    file: 'mine.node.cjs',
    text: nodeFile,
    command: ['--test-reporter=tap', '--test', 'mine.node.cjs'],
  },
};

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packagePath('.'), join(folder, 'node_modules/tcpclose'));
  for (const name of ['vitest', 'jest', '@jest']) {
    symlinkSync(packagePath(`node_modules/${name}`), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{}');
});

async function outcomeOf(command: readonly string[]): Promise<{ status: unknown; output: string }> {
  const { child } = await startProgram([process.execPath, ...command], { cwd: folder, stdin: 'ignore' });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, output };
}

describe.each(Object.entries(runners))('in a project of %s', (name, { file, text, command }) => {
  // It shows the line with those around it.
  const frames = name !== 'node:test';

  test.concurrent('a server that survives passes, and one that does not fails with cause, evidence, remedy and line', async ({
    expect,
  }) => {
    writeFileSync(join(folder, file), text);
    const { status, output } = await outcomeOf(command);
    expect(status, output).toBe(1);
    expect(output).toContain('does not survive a restart: signal-ignored');
    expect(output).toMatch(/Remedy: .*SIGTERM/);
    // That of the function.
    expect(output).toContain('allow more time with `stopTimeout`');
    expect(output).not.toContain('--stop-timeout');
    expect(output).toMatch(/1 TCP socket is left:[\s\S]*LISTEN 127\.0\.0\.1:\d+ {3}this process/);
    expect(output).toContain('Remedy: close the server');
    for (const mark of ['// returned', '// awaited']) {
      const line = text.split('\n').findIndex((line) => line.includes(mark)) + 1;
      expect(output, mark).toMatch(new RegExp(`[ /(]${file}:${line}:\\d+\\)?$`, 'm'));
      if (frames) expect(output).toMatch(new RegExp(`^ +(> )?${line} ?\\| +(return|await) expect\\(`, 'm'));
    }
    expect(output).toMatch(/2 passed|# pass 2/);
    expect(output).toMatch(/2 failed|# fail 2/);
  });
});

test('Vitest: a restart ends when the time of its test is over', async () => {
  const file = 'late.test.mjs';
  const late = `import { expect, test } from 'vitest';
import { freePort } from 'tcpclose/vitest';
const { port, close } = await freePort();
close();
const server = [process.execPath, '-e', \`require('node:net').createServer().listen(\${port}, '127.0.0.1')\`];
test('too late', () => expect(server).toSurviveRestart({ settle: '20s' }), 1500);
test('afterwards', () => expect(process).toLeaveNoSockets({ within: '5s' }), 10_000);
`;
  writeFileSync(join(folder, file), late);
  const { output } = await outcomeOf(
    runners.vitest.command.map((word) => (word === runners.vitest.file ? file : word)),
  );
  expect(output).toContain('Test timed out in 1500ms');
  expect(output).toMatch(/1 failed \| 1 passed/);
});

test('Jest: expect may be imported, and the output of a server is no part of the stack', async () => {
  const file = 'imported.jest.test.cjs';
  const text = `const { expect, test } = require('@jest/globals');
require('tcpclose/jest');
test('cannot start', () => expect([process.execPath, '-e', 'throw new Error("no database")']).toSurviveRestart(), 60_000);
`;
  writeFileSync(join(folder, file), text);
  const [program = ''] = runners.jest.command;
  const config = JSON.stringify({
    injectGlobals: false,
    testMatch: [`**/${file}`],
    cacheDirectory: 'cache',
    rootDir: '.',
  });
  const { status, output } = await outcomeOf([program, '--no-color', '--no-cache', '--config', config]);
  expect(status, output).toBe(1);
  expect(output).toMatch(/before it listened: see its last output\n +Its last output:\n/);
  expect(output).toMatch(/^ +\| +at .*\n/m);
  expect(output).toMatch(/^ +> 3 \| test\('cannot start'/m);
});
