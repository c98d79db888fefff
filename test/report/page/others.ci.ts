import { afterAll, describe, expect, test } from 'vitest';
import { codeIn } from '../../../src/prose.ts';
import type { AuditDocument } from '../../../src/report/documents/audit.ts';
import type { IdleDocument } from '../../../src/report/documents/idle.ts';
import type { RestartDocument } from '../../../src/report/documents/restart.ts';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import type { WatchDocument } from '../../../src/report/documents/watch.ts';
import { span } from '../../../src/report/drawing/words.ts';
import type { Shown } from '../../../src/report/html-data.ts';
import { pageOfRun } from '../../../src/report/kinds/page-of-run.ts';
import { nodeShutdown } from '../../../src/restart/load/node-shutdown.ts';
import { unless } from '../../support/skips.ts';
import { saved } from '../saved.ts';
import { barriersOn, closeBrowser, noBrowser, openAll, openReport } from './browser.ts';

afterAll(closeBrowser);

describe('the pages of other commands', unless(noBrowser), () => {
  test('70 scenarios are filtered, and each opens to its checks', async () => {
    const suite = saved<{ scenarios: { scenario: string; round: number }[] }>('suite');
    const many = {
      ...suite,
      scenarios: Array.from({ length: 70 }, (_, i) => ({
        ...suite.scenarios[i % suite.scenarios.length],
        scenario: `one-${i}`,
        round: 1,
      })),
    };
    const { page } = await openReport({ kind: 'test', documents: [many] } as unknown as Shown);
    expect(await page.locator('.scenario').count()).toBe(70);
    await page.getByRole('searchbox').fill('one-7');
    // A page draws when the browser has time.
    await expect.poll(() => page.locator('.scenario:visible').count()).toBe(1);
    await page.locator('.scenario:visible summary').click();
    await page.locator('.scenario:visible .checks').waitFor();
    expect(await page.locator('.scenario:visible .checks').count()).toBe(1);
    await page.close();
  });

  test('each lost request of a restart under load has its sign and its row', async () => {
    const restart = saved<RestartDocument>('restart-load');
    const lost = restart.runs[0]?.load?.lostRequests ?? [];
    const { page, troubles } = await openReport({ kind: 'restart', documents: [restart] });
    await openAll(page);
    const signs = await page
      .locator('.request title')
      .evaluateAll((all) => all.map((one) => one.textContent));
    expect(signs.map((words) => words?.split(',')[0])).toEqual(lost.map(({ id }) => `request ${id}`));
    const rows = page.getByRole('table', { name: 'Lost requests' }).locator('tbody tr');
    expect(await rows.count()).toBe(lost.length);
    expect(await barriersOn(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('the code of a remedy is complete on the page of a restart, and appears once', async () => {
    const restart = structuredClone(saved<RestartDocument>('restart-load'));
    const [run] = restart.runs;
    const code = codeIn(nodeShutdown);
    const remedy = `handle the signal with this code:\n${code}\nIt waits`;
    const [loss] = run?.load?.losses ?? [];
    if (run?.load == null || run.evidence === null || loss === undefined) throw new Error('no loss is saved');
    Object.assign(run.evidence, { remedy });
    const other = { ...loss, cause: 'cuts-keep-alive', remedy: `close idle connections:\n${code}\nIt waits` };
    Object.assign(run.load, { losses: [{ ...loss, remedy }, other] });
    const { page } = await openReport({ kind: 'restart', documents: [restart] });
    const codes = page.locator('.remedy pre');
    expect(await codes.count()).toBe(1);
    expect(await codes.evaluate((pre) => pre.scrollHeight - pre.clientHeight)).toBe(0);
    const text = await page.locator('.remedy').allInnerTexts();
    expect(text[1]).toContain('Remedy: the one above');
    expect(text[2]).toMatch(/Remedy: close idle connections:\s+\(the code above\)/);
    await page.close();
  });

  test('two kernels lie side by side, and a cell explains itself', async () => {
    const here = saved<{ environment: { kernel: string }; cells: { bind: string; listen: string | null }[] }>(
      'matrix',
    );
    const there = structuredClone(here);
    there.environment.kernel = '5.10.0';
    Object.assign(there.cells[0] ?? {}, { bind: 'EADDRINUSE', listen: null });
    const { page } = await openReport({ kind: 'matrix', documents: [here, there] } as unknown as Shown);
    expect(await page.locator('button.cell').count()).toBe(here.cells.length);
    await page.getByLabel('only what differs').check();
    expect(await page.locator('button.cell').count()).toBe(1);
    await page.locator('button.cell').focus();
    expect(await page.locator('.inspector').innerText()).toMatch(/on Linux 5\.10\.0\s+bind EADDRINUSE/);
    await page.close();
  });

  test('of idle: each client has its bar and its row, and the line marks the close of the server', async () => {
    const idle = saved<IdleDocument>('idle');
    const { page, troubles } = await openReport({ kind: 'idle', documents: [idle] });
    const rows = await page
      .getByRole('table', { name: 'Clients' })
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows.map(([client, , verdict, why]) => [client, verdict?.slice(2), why])).toEqual(
      idle.comparisons.map(({ client, verdict, reason }) => [client, verdict, reason]),
    );
    const drawn = await page.evaluate(() => {
      const end = (one: Element) => Number(one.getAttribute('x')) + Number(one.getAttribute('width'));
      return {
        server: Number(document.querySelector('.server-closes')?.getAttribute('x1')),
        racing: [...document.querySelectorAll('.keeps-bad')].map(end),
        early: [...document.querySelectorAll('.keeps-good')].map(end),
      };
    });
    expect(drawn.racing).toHaveLength(
      idle.comparisons.filter(({ verdict }) => verdict === 'race possible').length,
    );
    expect(Math.min(...drawn.racing)).toBeGreaterThan(drawn.server);
    expect(Math.max(...drawn.early)).toBeLessThan(drawn.server);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('of audit: each finding has its pile, its age, its fault and its remedies', async () => {
    const audit = saved<AuditDocument>('audit');
    const { page } = await openReport({ kind: 'audit', documents: [audit] });
    expect(await page.locator('.pile-wrong').count()).toBe(audit.findings.length);
    const text = await page.locator('main').innerText();
    for (const { what, count, fault, cost, steps } of audit.findings)
      for (const words of [what, `✖ ${count}`, fault.because, cost ?? '', ...steps.map(({ text }) => text)])
        expect(text).toContain(words);
    await openAll(page);
    const shown = await page.locator('dl').last().innerText();
    const { closeWaitAge = 0, portsUsed } = audit.thresholds;
    expect(shown.replaceAll(/\s+/g, ' ')).toContain(`closeWaitAge ${span(closeWaitAge)}`);
    expect(shown.replaceAll(/\s+/g, ' ')).toContain(`portsUsed ${portsUsed} %`);
    await page.close();
  });

  test('of watch: a curve for each state, and a row for each reading and each change', async () => {
    const lines = saved<WatchDocument[]>('watch');
    const { page } = await openReport({ kind: 'watch', documents: [lines] });
    await openAll(page);
    const tables = lines.filter((line) => line.type === 'table');
    const states = new Set(tables.flatMap(({ rows }) => rows.map(({ state }) => state)));
    expect(await page.locator('.chart').count()).toBe(states.size + 2);
    const rows = (name: string) => page.getByRole('table', { name, exact: true }).locator('tbody tr');
    expect(await rows('Readings').count()).toBe(tables.length);
    const changes = await rows('Changes of state').evaluateAll((all) =>
      all.map((row) => [...row.children].slice(1, 3).map((cell) => cell.textContent)),
    );
    expect(changes).toEqual(
      lines.flatMap((line) => (line.type === 'transition' ? [[line.from ?? 'new', line.to ?? 'gone']] : [])),
    );
    await page.close();
  });

  test.each(['reload', 'handover'] as const)('of a %s: who listened, and each request', async (name) => {
    const restart = saved<RestartDocument>(`restart-${name}`);
    const { load, reload } = restart.runs[0] ?? {};
    const { page, troubles } = await openReport({ kind: 'restart', documents: [restart] });
    await openAll(page);
    const pids = await page
      .getByRole('table', { name: 'Processes that listened' })
      .locator('tbody tr td:first-child')
      .allTextContents();
    const listened = [...(reload?.listenedBefore ?? []), ...(reload?.listensAfter ?? [])];
    expect(pids).toEqual([...new Set(listened.map(({ pid }) => String(pid)))]);
    expect(await page.locator('.listens, .listens-before').count()).toBe(pids.length);
    const rings = await page
      .locator('.answered-dot')
      .evaluateAll((all) => all.map((one) => one.getAttribute('d')?.split('M').length));
    expect(rings).toEqual(load?.answers?.map(({ ended }) => ended.length + 1));
    expect(await page.locator('.request').count()).toBe(load?.lostRequests.length);
    expect(await barriersOn(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('of a restart with more answers than have a ring: it says so', async () => {
    const restart = structuredClone(saved<RestartDocument>('restart-reload'));
    const [answers] = restart.runs[0]?.load?.answers ?? [];
    Object.assign(answers ?? {}, { ended: Array.from({ length: 1000 }, (_, i) => i) });
    const { page } = await openReport({ kind: 'restart', documents: [restart] });
    expect(await page.locator('main').innerText()).toContain(
      `Only the first 1000 answers of a kind have a ring (${answers?.kind})`,
    );
    await page.close();
  });

  test('of a load: the first connections, and it says how many there are', async () => {
    const run = saved<RunDocument>('run');
    const [connection] = run.recording?.connections ?? [];
    if (run.recording === null || connection === undefined)
      throw new Error('the saved run has no connection');
    const connections = Array.from({ length: 3000 }, () => connection);
    const shown = pageOfRun({ ...run, recording: { ...run.recording, connections } });
    expect(JSON.stringify(shown).length).toBeLessThan(1_000_000);
    const { page } = await openReport(shown);
    expect(await page.locator('.remark').innerText()).toMatch(/the first 100 of 3000 recorded connections/);
    await page.close();
  });
});
