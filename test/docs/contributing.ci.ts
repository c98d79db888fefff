import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const guide = readFileSync('CONTRIBUTING.md', 'utf8');
const folder = temporaryFolder('contributing');

/** A code block of the guide. One with a file is to be written there, or with `diff` to be added to it. */
interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly code: string;
}

function blocksOf(heading: string): Block[] {
  const [, section = ''] = guide.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^( *)```(\w+)(?: file=(\S+))?\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', file, code = '']) => ({
      language,
      file,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** Puts the added lines of a diff where the lines around them stand. A blank line separates places. */
function added(text: string, diff: string): string {
  return diff.trimEnd().split('\n\n').reduce(addedHere, text);
}

function addedHere(text: string, hunk: string): string {
  const lines = hunk.split('\n');
  const without = (sign: string) =>
    lines.flatMap((line) => (line.startsWith(sign) ? [] : `${line.slice(1)}\n`)).join('');
  const [before, after] = [without('+'), without('-')];
  expect(text.split(before), `places of\n${before}`).toHaveLength(2);
  return text.replace(before, () => after);
}

const exercises = [
  { heading: 'Add a scenario', files: 1, says: /2 of 2 as expected/ },
  { heading: 'Add a peer command', files: 2, says: /"result":\{"seconds":0\.\d+\}/ },
  { heading: 'Add a reporter', files: 2, says: /github\s+or\s+csv[\s\S]*\n"close\/shut-rd",passed\n$/ },
  { heading: 'Add an observer', files: 2, says: /\/proc\/thread-self.*(\d+) of \1 as expected/s },
  { heading: 'Add a command', files: 3, says: /^TIME_WAIT$.*"TIME_WAIT".*list the states of a TCP socket/ms },
].map((exercise) => ({
  ...exercise,
  blocks: blocksOf(exercise.heading),
}));

/** A copy of the repository in which somebody has done all exercises, one after the other. */
beforeAll(() => {
  for (const path of [
    'bin',
    'src',
    'scenarios',
    'build',
    'tables',
    'docs',
    'package.json',
    'tsconfig.json',
    'biome.json',
  ])
    cpSync(path, join(folder, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const { language, file, code } of exercises.flatMap(({ blocks }) => blocks)) {
    if (file === undefined) continue;
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, language === 'diff' ? added(readFileSync(path, 'utf8'), code) : code);
  }
  const { output, status } = run('npx tsx build/build.ts children');
  expect(status, output).toBe(0);
});

function run(command: string) {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, npm_config_loglevel: 'silent', CI: '', NO_COLOR: '1' },
  });
  return { output: stdout + stderr, status };
}

describe.each(exercises)('$heading', ({ blocks, files, says }) => {
  test(`touches ${files} file(s)`, () => {
    const touched = blocks.map(({ file }) => file).filter((file) => file !== undefined);
    expect(new Set(touched).size).toBe(files);
  });

  test('does what it promises', () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.trimEnd().split('\n'));
    expect(commands.length).toBeGreaterThan(0);
    const outputs = commands.map((command) => {
      const expected = Number(/exit status (\d)/.exec(command)?.[1] ?? 0);
      // What is built before a run from source is built already.
      const { output, status } = run(command.replace('npm run dev --', 'npx tsx bin/tcpclose.ts'));
      expect(status, `${command}\n${output}`).toBe(expected);
      return output;
    });
    expect(outputs.join('')).toMatch(says);
  });
});

test('all of it compiles', () => {
  expect(run('npx tsc')).toEqual({ output: '', status: 0 });
});

test('all of it passes the lint', () => {
  const touched = exercises.flatMap(({ blocks }) => blocks.flatMap(({ file }) => file ?? []));
  const { output, status } = run(`npx biome ci --colors=off --vcs-enabled=false ${touched.join(' ')}`);
  expect(status, output).toBe(0);
});
