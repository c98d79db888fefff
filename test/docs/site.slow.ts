import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, test } from 'vitest';
import { brokenLinks } from '../../build/site/check.ts';
import { commands } from '../../src/cli/commands.ts';
import { words } from '../../src/explain/words.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';

const folder = 'dist-site';
const chromiumPath = '/usr/bin/chromium';

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

  test.skipIf(!existsSync(chromiumPath))(
    'has text that axe finds no fault with, light and dark',
    async () => {
      const browser = await chromium.launch({
        executablePath: chromiumPath,
        args: ['--no-sandbox', '--disable-gpu'],
      });
      const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
      const faults: string[] = [];
      for (const path of ['problems', 'tour', 'commands/why', 'scenarios/server-first', 'words/TIME_WAIT'])
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
          await page.goto(pathToFileURL(`${folder}/${path}.html`).href);
          await page.evaluate(axe);
          // What stands around the text is VitePress' own.
          const found = await page.evaluate<string[]>(
            `axe.run('.vp-doc').then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`,
          );
          faults.push(...found.map((fault) => `${path}, ${colorScheme}: ${fault}`));
          await page.close();
        }
      await browser.close();
      expect(faults).toEqual([]);
    },
    300_000,
  );
});
