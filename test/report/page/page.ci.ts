import * as v from 'valibot';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { bindsOf, observedWords } from '../../../src/report/drawing/collect.ts';
import type { Rendered, Shown } from '../../../src/report/html-data.ts';
import { type AnyKind, kindOf } from '../../../src/report/kinds/kinds.ts';
import { findingOf, textOfClaim } from '../../../src/report/page/claim-words.ts';
import { unless } from '../../support/skips.ts';
import { saved } from '../saved.ts';
import { barriersOn, closeBrowser, noBrowser, openAll, openReport } from './browser.ts';

afterAll(closeBrowser);

const run = saved<RunDocument>('run');
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

const ofRun = (document: RunDocument): Shown => ({ kind: 'demo', documents: [document] });

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

describe('the page of a run', unless(noBrowser), () => {
  test('has a row for each check, segment and change of state of the document, and a sign in the picture', async () => {
    const { page } = await openReport(ofRun(run), { width: 2560 });
    for (const summary of await page.locator('summary').all())
      if (await summary.isVisible()) await summary.click();
    const rows = (kind: string) =>
      page
        .locator(`tr[data-row^="${kind}:"]`)
        .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(await rows('check')).toEqual(
      run.checks.map(({ step, atMs, title, expected, observed, note, verdict, claims }) => [
        String(step),
        `${atMs.toFixed(3)} ms`,
        title,
        expected,
        note === null ? observed : `${observed} (${note})`,
        `✔ ${verdict}`,
        claims.map((one) => `${findingOf(one)}: ${textOfClaim(one.claim)}`).join(''),
      ]),
    );
    const connections = run.recording?.connections ?? [];
    expect((await rows('segment')).map(([letter, at, from]) => `${letter} ${at} ${from}`)).toEqual(
      connections.flatMap(({ segments }, i) =>
        segments.map(({ atMs, from }) => `${'ABCD'[i]} ${atMs.toFixed(3)} ms ${from}`),
      ),
    );
    expect(
      (await rows('state')).map(([letter, at, , , , from, to]) => `${letter} ${at} ${from} ${to}`),
    ).toEqual(
      connections.flatMap(({ transitions }, i) =>
        transitions.map(
          ({ atMs, from, to }) =>
            `${'ABCD'[i]} ${atMs.toFixed(3)} ms ${from ?? 'no socket'} ${to ?? 'no socket'}`,
        ),
      ),
    );
    const keys = await page
      .locator('.frame .item')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-key')));
    expect(keys.sort()).toEqual(
      [
        ...run.steps.map(({ number }) => `step:${number}`),
        ...run.steps.flatMap(({ parties }, s) => parties.map((_, p) => `party:${s}:${p}`)),
        ...run.checks.map((_, i) => `check:${i}`),
        ...bindsOf(run).map(({ index }) => `bind:${index}`),
        ...connections.flatMap(({ segments, transitions }, of) => [
          ...segments.map((_, i) => `segment:${of}:${i}`),
          ...transitions.flatMap(({ to }, i) => (to === null ? [] : [`state:${of}:${i}`])),
        ]),
      ].sort(),
    );
    await page.close();
  });

  test('has tables that remain tables for a screen reader even if each row is a card', async () => {
    const { page } = await openReport(ofRun(run), { width: 360 });
    const checks = page.getByRole('table', { name: 'Checks' });
    await expect
      .poll(() => checks.evaluate((one) => one.parentElement?.classList.contains('stacked')))
      .toBe(true);
    expect(await checks.getByRole('columnheader').allTextContents()).toContain('expected');
    expect(await checks.getByRole('row').count()).toBe(run.checks.length + 1);
    const [first] = await checks.getByRole('cell').all();
    const title = await first?.evaluate((one) => getComputedStyle(one, '::before').content);
    expect(title).toMatch(/"step ?"/);
    await page.close();
  });

  test('says below each step what its checks observed, and what each state and errno of it means', async () => {
    const { page } = await openReport(ofRun(run));
    expect(await page.locator('.steps .outcomes li').allTextContents()).toEqual(
      run.steps.flatMap(({ number }) =>
        run.checks
          .filter(({ step }) => step === number)
          .map(
            (check) =>
              `${check.title}: ${observedWords(check)}${check.note === null ? '' : ` (${check.note})`}`,
          ),
      ),
    );
    const states = (run.recording?.connections ?? []).flatMap(({ transitions }) =>
      transitions.flatMap(({ to }) => to ?? []),
    );
    const meant = await page.locator('.meanings dt').allTextContents();
    expect(meant.slice(0, 6)).toEqual(['socket', 'bind', 'SYN', 'FIN', 'ACK', 'RST']);
    expect(new Set(meant.slice(6))).toEqual(new Set([...states, 'SO_REUSEADDR', 'EADDRINUSE']));
    expect(await page.locator('.meanings').innerText()).toContain(
      'The kernel keeps the two addresses and ports',
    );
    const last = run.checks.filter(({ observed }) => observed.includes('EADDRINUSE')).length;
    const accepted = run.checks.filter(({ observed }) => observed.startsWith('accepted')).length;
    expect(await page.locator('.frame .bind text').allTextContents()).toEqual(
      Array.from({ length: last }, () => 'EADDRINUSE'),
    );
    expect(await page.locator('.frame .check text').count()).toBe(accepted);
    await page.close();
  });

  test('keeps the order of time, and shows 20 µs beside 60 s', async () => {
    const connection = run.recording?.connections[0];
    if (connection === undefined) throw new Error('the saved run has no connection');
    const [first, ...others] = connection.transitions;
    const last = others.at(-1);
    const short = {
      ...run,
      recording: {
        ...run.recording,
        connections: [
          {
            ...connection,
            transitions: [
              first,
              { ...last, side: first?.side, atMs: (first?.atMs ?? 0) + 0.02 },
              { ...last, side: first?.side, atMs: (first?.atMs ?? 0) + 60_000 },
            ],
          },
        ],
      },
    } as RunDocument;
    const { page } = await openReport(ofRun(short));
    const widths = await page
      .locator('.frame .state .fill:not(.unsure)')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('width'))));
    const places = await page
      .locator('.frame .segment line')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('x1'))));
    expect(Math.min(...widths)).toBeGreaterThanOrEqual(1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(await page.locator('.axis-words').innerText()).toContain('logarithm');
    await page.close();
  });

  test('is used by keyboard: arrows go from one thing to the next, and each shows what was read', async () => {
    const { page } = await openReport(ofRun(run));
    await page.locator('.steps button').last().focus();
    await page.locator('.frame .item[tabindex="0"]').focus();
    const seen = new Set<string>();
    const wanted = ['step', 'party', 'bind', 'state', 'segment', 'check'];
    for (let i = 0; i < 60 && seen.size < wanted.length; i++) {
      const key = await page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? '');
      const title = await page.locator('.inspector h3').innerText();
      if (key.startsWith('segment:0:0')) {
        expect(title).toBe('SYN seq 0');
        const bytes = run.recording?.connections[0]?.segments[0]?.bytes ?? '';
        expect((await page.locator('.inspector pre').innerText()).replaceAll(/^\w{4} {2}|\s/gm, '')).toBe(
          bytes,
        );
      }
      seen.add(key.split(':')[0] ?? '');
      await page.keyboard.press(i < 50 ? 'ArrowRight' : 'End');
    }
    expect([...seen].sort()).toEqual(wanted.toSorted());
    await page.close();
  });

  test('shows only one step after a click, and all steps after a second click', async () => {
    const { page } = await openReport(ofRun(run));
    const count = () => page.locator('.frame .check').count();
    const step = page.locator('.steps button').nth(2);
    await step.click();
    expect(await count()).toBe(run.checks.filter((check) => check.step === 3).length);
    expect(await step.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Show the whole run' }).click();
    expect(await count()).toBe(run.checks.length);
    await page.close();
  });

  test('marks what was dropped and what was replayed, and says so', async () => {
    const changed = structuredClone(run) as { -readonly [Key in keyof RunDocument]: RunDocument[Key] };
    const [one, two] = changed.recording?.connections[0]?.segments ?? [];
    Object.assign(one ?? {}, { unheard: true });
    Object.assign(two ?? {}, { source: 'replay' });
    const { page } = await openReport(ofRun(changed));
    const label = (key: string) => page.locator(`.frame [data-key="${key}"]`).getAttribute('aria-label');
    expect(await label('segment:0:0')).toContain('dropped before it reached the socket');
    expect(await page.locator('.frame [data-key="segment:0:0"] .lost').count()).toBe(1);
    expect(await label('segment:0:1')).toContain('replayed by tcpclose');
    expect(await page.locator('.frame .lost').count()).toBe(1);
    await page.close();
  });

  test('stays fluid with 5,000 segments, because it draws only what the eye can distinguish', async () => {
    const small = await redraw(run);
    const large = await redraw(manySegments(5000));
    expect(large.items).toBeLessThan(2500);
    expect(large.ms).toBeLessThan(small.ms * 40 + 20);
  });
});

/** How long a picture takes to be drawn anew, the best of three, and how many things are in it. */
async function redraw(document: RunDocument): Promise<{ ms: number; items: number }> {
  const { page } = await openReport(ofRun(document));
  const result = await page.evaluate(() => {
    const step = window.document.querySelector<HTMLElement>('.steps button');
    const times = [1, 2, 3].map(() => {
      step?.click();
      const before = performance.now();
      step?.click();
      window.document.body.getBoundingClientRect();
      return performance.now() - before;
    });
    return { ms: Math.min(...times), items: window.document.querySelectorAll('.frame .item').length };
  });
  await page.close();
  return result;
}

function manySegments(count: number): RunDocument {
  const [connection] = run.recording?.connections ?? [];
  const data = connection?.segments.at(-1);
  if (run.recording === null || connection === undefined || data === undefined)
    throw new Error('the saved run has no segments');
  const more = Array.from(
    { length: count },
    (_, i) =>
      ({
        ...data,
        atMs: data.atMs + i * 0.05,
        flags: ['ACK'],
        length: 1000,
        from: i % 2 === 0 ? 'client' : 'server',
      }) as typeof data,
  );
  return {
    ...run,
    recording: {
      ...run.recording,
      connections: [{ ...connection, segments: [...connection.segments, ...more] }],
    },
  };
}
