import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { htmlPage } from '../../../src/report/html.ts';
import type { Rendered, Shown } from '../../../src/report/html-data.ts';

const executablePath = '/usr/bin/chromium';

/** Why pages cannot be looked at here; null if they can. */
export const noBrowser = existsSync(executablePath) ? null : 'chromium is not installed';

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Promise<Browser> | undefined;

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** A page that is open, and what went wrong on it: messages of the console, errors, and whatever it asked the network for. */
export interface OpenPage {
  readonly page: Page;
  readonly troubles: readonly string[];
}

export async function newPage({ width = 1280, scheme = 'light' }: Look = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath, args });
  return (await browser).newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
}

export async function openReport(
  rendered: Shown & Pick<Rendered, 'remarks'>,
  look: Look = {},
): Promise<OpenPage> {
  const page = await newPage(look);
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('request', (request) => {
    if (!request.url().startsWith('http://report.invalid/')) troubles.push(request.url());
  });
  const body = htmlPage(rendered, 'a report');
  await page.route('http://report.invalid/', (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body }),
  );
  await page.goto('http://report.invalid/');
  return { page, troubles };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on a page: rule and element. `contrast`: only what depends on the colours. */
export async function barriersOn(page: Page, rules: 'all' | 'contrast' = 'all'): Promise<string[]> {
  // As a value, because the page lets no other script run.
  await page.evaluate(axe);
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run(only === 'all' ? {} : { runOnly: ['color-contrast'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }, rules);
}

/** Everything that is folded. */
export async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const folded of document.querySelectorAll('details')) folded.open = true;
  });
  await page.waitForFunction(() =>
    [...document.querySelectorAll('details')].every((one) => one.childElementCount > 1),
  );
}
