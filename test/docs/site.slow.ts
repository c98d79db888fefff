import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokenLinks } from '../../build/site/check.ts';
import { commands } from '../../src/cli/commands.ts';
import { words } from '../../src/explain/words.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { unless } from '../support/skips.ts';
import { serveFolder } from './site-server.ts';

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
    'has complete pages without a fault found by axe, on a phone, a tablet and a desktop, light and dark',
    async () => {
      const browser = await chromium.launch({
        executablePath: chromiumPath,
        args: ['--no-sandbox', '--disable-gpu'],
      });
      const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
      const faults: string[] = [];
      const paths = [
        'index',
        'problems',
        'tour',
        'commands/why',
        'commands/restart',
        'scenarios/server-first',
        'words/TIME_WAIT',
      ];
      for (const path of paths)
        for (const width of [360, 768, 1280]) {
          const page = await browser.newPage({ viewport: { width, height: 900 } });
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.goto(pathToFileURL(`${folder}/${path}.html`).href);
            await page.evaluate(axe);
            const found = await page.evaluate<string[]>(
              `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`,
            );
            faults.push(...found.map((fault) => `${path}, ${width}, ${colorScheme}: ${fault}`));
            expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(width);
            const cut = `[...document.querySelectorAll('.vp-doc table')].filter((one) => one.scrollWidth > one.clientWidth).length`;
            expect(await page.evaluate(cut), `tables of ${path} at ${width} pixels`).toBe(0);
          }
          await page.close();
        }
      await browser.close();
      expect(faults).toEqual([]);
    },
    300_000,
  );
});

const noBrowser = existsSync(chromiumPath) ? null : 'chromium is not installed';

describe.each([
  { width: 360, scheme: 'light' },
  { width: 360, scheme: 'dark' },
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
] as const)('the site in a browser, $width pixels wide, $scheme', unless(noBrowser), ({ width, scheme }) => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serveFolder>>;
  beforeAll(async () => {
    site = await serveFolder(folder);
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    site?.[Symbol.dispose]();
  });

  /** A page whose program runs, and what went wrong on it. */
  async function open(path: string): Promise<{ page: Page; troubles: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
    page.setDefaultTimeout(60_000);
    const troubles: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
    });
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('request', (request) => {
      if (!request.url().startsWith(site.origin)) troubles.push(request.url());
    });
    await page.goto(`${site.origin}/${path}`);
    // The program of the page has taken over what the server sent.
    await page.waitForFunction('document.querySelector("#app")?.__vue_app__ !== undefined');
    return { page, troubles };
  }

  test.each([
    ['Address already in use', /problems|EADDRINUSE|why|server-first/],
    ['CLOSE_WAIT more every day', /problems/],
    ['connection reset during a deployment', /problems/],
  ])('its search finds "%s", and Enter opens what it found', async (symptom, place) => {
    const { page, troubles } = await open('index.html');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('searchbox');
    await field.fill(symptom);
    const results = page.locator('.VPLocalSearchBox .result');
    await expect.poll(() => results.count(), { timeout: 60_000 }).toBeGreaterThan(0);
    const links = await results.evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
    expect(
      links.slice(0, 5).some((link) => place.test(link)),
      links.join(' '),
    ).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const at = links.findIndex((link) => place.test(link));
    for (let i = 0; i < at; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => `${url.pathname}${url.hash}` === links[at]);
    await expect.poll(() => page.locator('.vp-doc h1').innerText(), { timeout: 60_000 }).not.toBe('');
    expect(await page.locator('.VPLocalSearchBox').count()).toBe(0);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('its menus can be opened and followed by keyboard only', async () => {
    const { page, troubles } = await open('problems.html');
    const press = async (name: RegExp | string) => {
      const button = page.getByRole('button', { name }).filter({ visible: true }).first();
      await reach(page, button);
      await page.keyboard.press('Enter');
      return button;
    };
    // On a phone the main parts and the list of all pages are behind a button each.
    if (width < 960) {
      const main = await press(/mobile navigation/);
      await page.locator('.VPNavScreen').getByRole('link', { name: 'Tour' }).waitFor();
      await page.keyboard.press('Enter');
      await expect.poll(() => main.getAttribute('aria-expanded')).toBe('false');
      await press(/^Menu$/);
    }
    const group = await press(/^Commands/);
    await expect.poll(() => group.getAttribute('aria-expanded')).toBe('true');
    const link = page.locator('.VPSidebar').getByRole('link', { name: 'why', exact: true });
    await reach(page, link);
    await page.keyboard.press('Enter');
    await page.waitForURL(/commands\/why/);
    await expect
      .poll(() => page.locator('.vp-doc h1').innerText(), { timeout: 60_000 })
      .toContain('tcpclose why');
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('its pictures fit without scrolling, have words of a readable size, and can be opened separately', async () => {
    const { page, troubles } = await open('scenarios/server-first.html');
    const picture = page.locator('.recorded img');
    await picture.scrollIntoViewIfNeeded();
    const seen = await page.evaluate<{ scale: number; cut: boolean; file: string }>(`(async () => {
      const one = document.querySelector('.recorded img');
      await one.decode();
      const place = one.closest('p');
      return {
        scale: one.clientWidth / one.naturalWidth,
        cut: place.scrollWidth > place.clientWidth,
        file: one.currentSrc.split('/').pop(),
      };
    })()`);
    expect(seen).toMatchObject({
      cut: false,
      file: width === 360 ? 'server-first-phone.svg' : 'server-first.svg',
    });
    // Its smallest words have ten pixels.
    expect(seen.scale).toBeGreaterThan(0.8);
    const [alone] = await Promise.all([page.waitForEvent('popup'), picture.click()]);
    await alone.waitForLoadState();
    expect(await alone.locator('title').count()).toBeGreaterThan(50);
    expect(await alone.locator('title').allTextContents()).toContainEqual(
      expect.stringMatching(/^FIN ACK seq 1 ack 1, server to client, at /),
    );
    expect(troubles).toEqual([]);
    await page.close();
  });
});

/** Presses Tab until the wanted element has the focus. */
async function reach(page: Page, wanted: Locator): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}
