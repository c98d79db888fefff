import * as v from 'valibot';
import { afterAll, describe, expect, test } from 'vitest';
import type { Rendered, Shown } from '../../../src/report/html-data.ts';
import { type AnyKind, kindOf } from '../../../src/report/kinds/kinds.ts';
import { unless } from '../../support/skips.ts';
import { saved } from '../saved.ts';
import { barriersOn, closeBrowser, noBrowser, openAll, openReport } from './browser.ts';

afterAll(closeBrowser);

const files = {
  ...{ demo: 'run', test: 'suite', claims: 'claims', matrix: 'matrix', restart: 'restart' },
  ...{ idle: 'idle', audit: 'audit', watch: 'watch' },
} as const;
const names = Object.keys(files) as (keyof typeof files)[];

async function rendered(name: keyof typeof files, change = (document: unknown) => document) {
  const kind = (await kindOf(name)) as AnyKind;
  return { kind, page: pageOf(kind, change(saved(files[name]))) };
}

function pageOf({ page, read }: AnyKind, document: unknown): Shown & Pick<Rendered, 'remarks'> {
  if (page === undefined) throw new Error('it has no page');
  return page([read === undefined ? document : read(document)]);
}

describe('a page', unless(noBrowser), () => {
  test.each(names)('of %s fits every width and has no barrier for axe, light and dark', async (name) => {
    const { page, troubles } = await openReport((await rendered(name)).page);
    await openAll(page);
    const cut = () =>
      page
        .locator('.wide, .frame, .diagram-place')
        .evaluateAll((all) =>
          all
            .filter((one) => one.scrollWidth > one.clientWidth)
            .map((one) => `${one.className} ${one.getAttribute('aria-label')}`),
        );
    for (const width of [360, 768, 1280, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      // Tables and pictures follow when the browser lays the page out.
      await expect.poll(cut, { message: `at ${width} pixels` }).toEqual([]);
    }
    expect(await barriersOn(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 900 });
    await expect.poll(cut).toEqual([]);
    expect(await barriersOn(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await barriersOn(page, 'contrast')).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test.each(names)('of %s is printed dark on white, with all its tables on the sheet', async (name) => {
    const { page } = await openReport((await rendered(name)).page, { scheme: 'dark' });
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    // A sheet of A4 between its margins.
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const seen = await page.evaluate(() => ({
      closed: document.querySelectorAll('details:not([open], .chooser)').length,
      paper: getComputedStyle(document.documentElement).backgroundColor,
      ink: getComputedStyle(document.documentElement).color,
      cut: [...document.querySelectorAll('.wide, .frame, .diagram-place')]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => one.getAttribute('aria-label')),
      small: [...document.querySelectorAll('main svg.lanes[role]')]
        .map((one) => one.getBoundingClientRect().width / Number(one.getAttribute('width')))
        .filter((scale) => scale < 0.6),
      highest: Math.max(
        0,
        ...[...document.querySelectorAll('main svg')].map((one) => one.getBoundingClientRect().height),
      ),
    }));
    const light = (color: string) => Math.min(...(color.match(/\d+/g) ?? []).map(Number));
    expect(seen).toMatchObject({ closed: 0, cut: [], small: [] });
    // A sheet of US Letter is lower than one of A4.
    expect(seen.highest).toBeLessThan(900);
    expect(light(seen.paper)).toBeGreaterThan(230);
    expect(light(seen.ink)).toBeLessThan(60);
    await page.close();
  });

  test.each(names)('of %s shows hostile names as text', async (name) => {
    const attack = '</script><!--<script><img src=x onerror="window.harmed=1"><b id="harm">';
    const { kind, page: before } = await rendered(name);
    const after = {
      ...before,
      documents: before.documents.map((one) => hostile(kind, one, attack)),
    } as unknown;
    const { page, troubles } = await openReport(after as Shown);
    await openAll(page);
    expect(
      await page.evaluate(() => [
        (window as unknown as { harmed?: 1 }).harmed,
        document.querySelectorAll('img, b, #harm').length,
      ]),
    ).toEqual([undefined, 0]);
    expect(await page.locator('main').innerText()).toContain(attack);
    expect(troubles).toEqual([]);
    await page.close();
  });
});

/** The document with a text in place of every string that its schema leaves open. */
function hostile(kind: AnyKind, document: unknown, attack: string): unknown {
  const copy = structuredClone(document);
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const parts = value as Record<string, unknown>;
    for (const [key, inner] of Object.entries(parts)) {
      if (typeof inner !== 'string') {
        visit(inner);
        continue;
      }
      parts[key] = attack;
      if (!v.is(kind.schema, copy)) parts[key] = inner;
    }
  };
  visit(copy);
  return copy;
}
