import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { bindsOf, observedWords } from '../../../src/report/drawing/collect.ts';
import { findingOf, textOfClaim } from '../../../src/report/page/claim-words.ts';
import { unless } from '../../support/skips.ts';
import { closeBrowser, noBrowser, openReport } from './browser.ts';
import { ofRun, run } from './saved-run.ts';

afterAll(closeBrowser);

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
});
