import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { unless } from '../../support/skips.ts';
import { closeBrowser, noBrowser, openReport } from './browser.ts';
import { ofRun, run } from './saved-run.ts';

afterAll(closeBrowser);

describe('the page of a run', unless(noBrowser), () => {
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
