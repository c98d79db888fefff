import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, test } from 'vitest';
import { brokenLinks } from '../../build/site/check.ts';
import { commands } from '../../src/cli/commands.ts';
import { words } from '../../src/explain/words.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';

const folder = 'dist-site';

/** It takes half a minute of computing. */
beforeAll(() => {
  const { status, stdout, stderr } = spawnSync('npx', ['tsx', 'build/site/site.ts'], { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
}, 900_000);

describe('the site', () => {
  test('has a page for each command, scenario, state, errno and setting', () => {
    const withPages = words.filter(({ kind }) => ['state', 'errno', 'setting'].includes(kind));
    const expected = [
      ...commands.filter(({ hidden }) => !hidden).map(({ name }) => `commands/${name}.html`),
      ...catalogue().map(({ name }) => `scenarios/${name}.html`),
      ...withPages.map(({ name }) => `words/${name}.html`),
      ...['index.html', 'problems.html', 'tour.html'],
    ];
    expect(expected.filter((path) => !existsSync(`${folder}/${path}`))).toEqual([]);
  });

  test('has no link and no anchor that leads nowhere', () => {
    expect(brokenLinks(folder)).toEqual([]);
  });

  test('loads nothing from a network, and nothing by an absolute path', () => {
    const loading = /<(?:script|link|img|iframe|source)\b[^>]*\s(?:src|href)="(?:https?:)?\//;
    const pages = globSync(`${folder}/**/*.html`);
    expect(pages.length).toBeGreaterThan(200);
    expect(pages.filter((path) => loading.test(readFileSync(path, 'utf8')))).toEqual([]);
    const styles = globSync(`${folder}/**/*.css`)
      .map((path) => readFileSync(path, 'utf8'))
      .join('');
    expect(styles).not.toMatch(/url\(["']?(?:https?:)?\//);
  });
});
