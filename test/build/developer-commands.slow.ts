/** The commands of package.json for developers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
/** Those that run one program of the repository; `dev` is tcpclose itself. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file] = /^tsx (\S+\.ts)$/.exec(script) ?? [];
  return file === undefined || name === 'dev' ? [] : [{ name, file }];
});

async function run(file: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('tsx/cli')), file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

test('there are commands to test', () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['build', 'docs', 'record', 'release', 'kernels', 'mutants', 'soak', 'fuzz']),
  );
});

describe.each(commands)('npm run $name', ({ file }) => {
  test('--help prints its usage in one line', async () => {
    const { status, stdout } = await run(file, '--help');
    expect(stdout).toMatch(/^usage: (npm|npx|tsx|sudo) .*\n$/);
    expect(status).toBe(0);
  });

  test('a wrong option is refused in one line with the usage', async () => {
    const { status, stderr } = await run(file, '--no-such-option');
    expect(stderr).toMatch(/^unknown option '--no-such-option' \(usage: .*\)\n$/);
    expect(status).toBe(2);
  });
});

test.each([
  { file: 'test/kernels/run.ts', args: ['1.0'], says: /^"1\.0" is not a kernel/ },
  { file: 'test/controls/run.ts', args: ['no-such'], says: /^"no-such" is not a scenario: choose from / },
  { file: 'test/mutants/run.ts', args: ['no-such'], says: /^"no-such" is neither a part nor/ },
  { file: 'test/nodes/run.ts', args: ['3'], says: /^"3" is not a release/ },
  { file: 'test/soak/kills.ts', args: ['--count', 'many'], says: /^"many" is not a number of kills/ },
  { file: 'test/fuzz/run.ts', args: ['--target', 'none'], says: /^"none" is not a reader/ },
  { file: 'build/recorded/record.ts', args: ['none'], says: /^"none" is neither a scenario nor/ },
  { file: 'tables/run.ts', args: ['none'], says: /^"none" is not a table/ },
  { file: 'build/build.ts', args: ['none'], says: /^"none" is not a way to build/ },
])('$file refuses $args', async ({ file, args, says }) => {
  const { status, stderr } = await run(file, ...args);
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd()).not.toContain('\n');
  expect(status).toBe(2);
});
