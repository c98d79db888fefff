import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changelogEntry } from '../../build/changelog.ts';

const script = fileURLToPath(new URL('../../build/release.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));

let folder: string;

const git = (...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

function save(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

const schema = 'schema/x.schema.json';

/** A package whose build and tests print that they ran. */
function manifest(scripts: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    name: 'packed',
    version: '1.2.3',
    files: ['index.js'],
    scripts: {
      build: `mkdir -p dist/schema && echo {} > dist/${schema} && echo built`,
      test: 'echo tested',
      'test:ci': 'echo tested longer',
      ...scripts,
    },
  });
}

function release(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(tsx, [script, ...args], { cwd: folder, encoding: 'utf8' });
  return { stdout, stderr, status, tags: git('tag', '--list').trim() };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  mkdirSync(join(folder, 'schemas/1.2.3'), { recursive: true });
  git('init', '--quiet');
  git('config', 'user.name', 'a');
  git('config', 'user.email', 'a@b');
  save({
    'package.json': manifest(),
    '.gitignore': 'dist\n',
    'schemas/1.2.3/x.schema.json': '{}\n',
    'index.js': '//\n',
    'CHANGELOG.md':
      '# Changelog\n\n## [1.2.3] - 2026-01-02\n\n- A new thing\n\n## [1.2.2] - 2026-01-01\n\n- old\n',
  });
  git('add', '.');
  git('commit', '--quiet', '--message', 'a');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a dry run', () => {
  test('builds, tests, and shows the files, their sizes and the entry, but tags nothing', () => {
    const { stdout, status, tags } = release('--dry-run');
    expect({ status, tags }).toEqual({ status: 0, tags: '' });
    expect(stdout).toContain('built');
    expect(stdout).toContain('tested');
    expect(stdout).toContain('packed 1.2.3: packed-1.2.3.tgz, 0.');
    expect(stdout).toMatch(/0\.0 kB {2}index\.js\n/);
    expect(stdout).toContain('- A new thing');
    expect(stdout).not.toContain('- old');
  });

  test('skips the tests if they have just run', () => {
    const { stdout, status } = release('--dry-run', '--no-test');
    expect(stdout).toContain('built');
    expect(stdout).not.toContain('tested');
    expect(status).toBe(0);
  });

  test('allows an entry that has no date yet', () => {
    save({ 'CHANGELOG.md': '## [1.2.3] - unreleased\n\n- A new thing\n' });
    git('commit', '--quiet', '--all', '--message', 'b');
    expect(release('--dry-run').status).toBe(0);
  });
});

test('a release tags the version with its entry, and prints how to publish it', () => {
  const { stdout, status, tags } = release();
  expect({ status, tags }).toEqual({ status: 0, tags: 'v1.2.3' });
  expect(git('tag', '--list', '--format', '%(contents)')).toContain('- A new thing');
  expect(stdout).toContain('git push origin v1.2.3 && npm publish');
});

test('a release is refused until its schemas are kept for those to come', () => {
  save({ 'schemas/1.2.3/x.schema.json': '{ }\n' });
  git('commit', '--quiet', '--all', '--message', 'b');
  const says = expect.stringContaining('schemas/1.2.3 has other schemas than dist: cp -r dist/schema/.');
  expect(release('--no-test')).toMatchObject({ status: 1, stderr: says, tags: '' });
});

describe('a release is refused', () => {
  test.each([
    {
      why: 'with changes that are not committed',
      files: { 'index.js': '// changed\n' },
      says: 'the work tree is not clean: commit or remove these\n M index.js',
    },
    { why: 'with new files', files: { 'new.js': '' }, says: '?? new.js' },
  ])('$why', ({ files, says }) => {
    save(files);
    expect(release('--dry-run')).toMatchObject({ status: 1, stderr: expect.stringContaining(says) });
  });

  test.each([
    {
      why: 'without an entry in the changelog',
      files: { 'CHANGELOG.md': '## [1.2.2] - 2026-01-01\n\n- old\n' },
      args: ['--dry-run'],
      says: 'CHANGELOG.md has no entry for 1.2.3',
    },
    {
      why: 'with an entry that has no date',
      files: { 'CHANGELOG.md': '## [1.2.3] - unreleased\n\n- A new thing\n' },
      args: [],
      says: 'CHANGELOG.md has no date for 1.2.3',
    },
    {
      why: 'when the tests fail',
      files: { 'package.json': manifest({ test: 'false' }) },
      args: [],
      says: '"npm test" failed',
    },
    {
      why: 'when the longer tests fail',
      files: { 'package.json': manifest({ 'test:ci': 'false' }) },
      args: [],
      says: '"npm run test:ci" failed',
    },
    {
      why: 'when the build fails',
      files: { 'package.json': manifest({ build: 'false' }) },
      args: ['--dry-run'],
      says: '"npm run build" failed',
    },
    {
      why: 'when the build changes a file of the repository',
      files: { 'package.json': manifest({ build: 'echo // >> index.js' }) },
      args: ['--dry-run'],
      says: 'the work tree is not clean',
    },
  ])('$why', ({ files, args, says }) => {
    save(files);
    git('commit', '--quiet', '--all', '--message', 'b');
    const { status, stderr, tags } = release(...args);
    expect({ status, tags }).toEqual({ status: 1, tags: '' });
    expect(stderr).toContain(says);
  });

  test('when the version is tagged already', () => {
    git('tag', 'v1.2.3');
    expect(release()).toMatchObject({
      status: 1,
      stderr: 'release: v1.2.3 is tagged already: raise the version\n',
    });
  });
});

describe('the entry of a version', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n## [1.10.0] - 2026-01-02\n\n### Added\n\n- one\n\n## [1.1.0]\n';

  test.each([
    ['1.10.0', { date: '2026-01-02', text: '### Added\n\n- one' }],
    // Its section is empty.
    ['1.1.0', null],
    ['1.1', null],
    ['2.0.0', null],
  ])('%s', (version, entry) => {
    expect(changelogEntry(changelog, version)).toEqual(entry);
  });
});
