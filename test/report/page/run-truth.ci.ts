import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { moment } from '../../../src/report/drawing/words.ts';
import { unless } from '../../support/skips.ts';
import { saved } from '../saved.ts';
import { closeBrowser, noBrowser, openAll, openReport } from './browser.ts';

afterAll(closeBrowser);

const run = saved<RunDocument>('run');

async function pageOf(document: RunDocument) {
  const { page, troubles } = await openReport({ kind: 'demo', documents: [document] });
  await openAll(page);
  return { page, troubles };
}

describe('the page of a run', unless(noBrowser), () => {
  test('shows the condition and the claim of each finding', async () => {
    const [check] = run.checks;
    if (check === undefined) throw new Error('the saved run has no checks');
    const claims = [
      { claim: 'C01', finding: 'holds', under: 'SO_REUSEADDR off' },
      { claim: 'C03/bind', finding: 'refuted', under: null },
    ] as const;
    const { page } = await pageOf({ ...run, checks: [{ ...check, claims }] });
    const [first, second] = await page.locator('.bearings li').allInnerTexts();
    expect(first).toContain('C01 holds under SO_REUSEADDR off: Kill the server (Ctrl-C) while a client');
    expect(second).toBe('C03/bind refuted: bind still fails');
    await page.locator('.frame [data-key="check:0"]').dispatchEvent('click');
    expect(await page.locator('.inspector').innerText()).toContain('C01 holds under SO_REUSEADDR off');
    await page.close();
  });

  test('gives a reading the time from the question to the answer, or says that only the question is known', async () => {
    const steps = run.steps.map((step) => ({
      ...step,
      snapshots: step.snapshots.map((one, i) => (i === 0 ? { ...one, answeredAtMs: one.atMs + 7 } : one)),
    }));
    const first = steps.flatMap(({ snapshots }) => snapshots)[0]?.atMs ?? 0;
    const known = await pageOf({ ...run, steps });
    expect(await known.page.locator('figcaption').first().innerText()).toContain(
      `between ${moment(first)} and ${moment(first + 7)}`,
    );
    await known.page.close();
    const older = await pageOf(run);
    expect(await older.page.locator('figcaption').first().innerText()).toContain(
      `asked at ${moment(first)}, answered later`,
    );
    await older.page.close();
  });

  test('shows with a state only a reading that has this state', async () => {
    const { page } = await pageOf(run);
    const changes = (run.recording?.connections ?? []).flatMap(({ transitions }, of) =>
      transitions.map(({ to }, i) => ({ key: `state:${of}:${i}`, to })),
    );
    let seen = 0;
    for (const { key, to } of changes.filter(({ to }) => to !== null)) {
      await page.locator(`.frame [data-key="${key}"]`).dispatchEvent('click');
      const raw = await page.locator('.inspector pre').allInnerTexts();
      seen += raw.length;
      // As ss writes them: ESTAB, TIME-WAIT.
      const name = to === 'ESTABLISHED' ? 'ESTAB' : (to ?? '').replace('_', '-').replace(/(\d)$/, '-$1');
      for (const text of raw) expect(text.replaceAll('_', '-')).toContain(name);
    }
    expect(seen).toBeGreaterThan(3);
    await page.close();
  });

  test('says "exact" if the kernel reported the time of a change, and "unknown" if nothing limits it', async () => {
    const { page } = await pageOf(run);
    const cells = await page.locator('tr[data-row^="state:"] td:nth-child(3)').allInnerTexts();
    const changes = (run.recording?.connections ?? []).flatMap(({ transitions }) => transitions);
    cells.forEach((cell, i) => {
      const exact = changes[i]?.notBeforeMs === changes[i]?.atMs;
      expect(cell === 'exact').toBe(exact);
      expect(cell).toMatch(/^(exact|unknown|[\d.]+ ms)$/);
    });
    expect(new Set(cells)).toContain('exact');
    expect(new Set(cells)).toContain('unknown');
    await page.close();
  });

  test('names each of its durations, and the sources of the states in picture and checks', async () => {
    const { page } = await pageOf(run);
    const result = await page.locator('.result').innerText();
    expect(result).toContain('from the first step to the last event');
    expect(result).toMatch(/the whole run took [\d.]+ m?s/);
    const states = page.getByText('The states of the picture come from');
    expect(await states.innerText()).toMatch(/come from .+; the checks read them by \w+/);
    const legend = await page.locator('.legend').innerText();
    expect(legend).toContain('drawn when it was captured: at the network interface');
    expect(legend).toContain('from when it reported that it listens or is connected');
    await page.close();
  });

  test('says first what happened, why, and what to do, even for a contradicted run', async () => {
    const claims = [{ claim: 'C06', finding: 'holds', under: 'SO_REUSEADDR on at both servers' }] as const;
    const checks = run.checks.map((one) => (one.observed.startsWith('accepted') ? { ...one, claims } : one));
    const { page } = await pageOf({ ...run, checks });
    const failed = run.checks.filter(({ observed }) => observed.includes('EADDRINUSE')).length;
    const words = await page.locator('.summary').innerText();
    expect(words).toContain(`${failed} binds failed with EADDRINUSE ("Address already in use"), and`);
    expect(words).toContain('A connection does not end with its process.');
    expect(words).toContain(run.claim);
    expect(words).toContain(
      'With this a restarted server served a client here: SO_REUSEADDR on at both servers.',
    );
    const bind = run.checks.find(({ observed }) => observed.includes('EADDRINUSE'));
    const server = run.recording?.connections[0]?.server;
    expect(words).toContain(
      `When the first bind had failed, at ${bind?.atMs.toFixed(3)} ms, the kernel still had the server's end of a connection: ${server?.address}:${server?.port} in FIN_WAIT2.`,
    );
    await page.close();
    const [first, ...others] = run.checks;
    if (first === undefined) throw new Error('the saved run has no checks');
    const wrong = { ...first, observed: 'no socket', verdict: 'contradicted' } as const;
    const other = await pageOf({ ...run, outcome: 'failed', checks: [wrong, ...others] });
    const said = await other.page.locator('.summary').innerText();
    expect(said).toContain(`expected "${first.expected}", and this machine showed "no socket"`);
    expect(said).not.toContain('as it should');
    await other.page.close();
  });

  test('marks the rows of a step that is pressed, and says what happened to processes that failed to bind', async () => {
    const { page } = await pageOf(run);
    await page.locator('.steps button[data-step="3"]').click();
    const marked = await page.locator('tr.in-step[data-row^="check:"] td:first-child').allInnerTexts();
    expect(new Set(marked)).toEqual(new Set(['3']));
    await page.locator('.steps button[data-step="3"]').click();
    expect(await page.locator('tr.in-step').count()).toBe(0);
    const actions = await page.getByRole('table', { name: 'Processes and actions' }).innerText();
    expect(actions).toContain('bind failed (EADDRINUSE), as expected');
    expect(actions).toContain('is sent SIGINT');
    await page.close();
  });

  test('names the start of a path as its table does, and marks two steps that are one segment', async () => {
    const connections = run.recording?.connections ?? [];
    const [connection] = connections;
    const [change] = connection?.transitions ?? [];
    const fin = connection?.segments.find(({ from, flags }) => from === 'server' && flags.includes('FIN'));
    if (run.recording === null || connection === undefined || change === undefined || fin === undefined)
      throw new Error('the saved run has no FIN of its server');
    const came = { ...change, side: 'client', segmentAtMs: fin.atMs, atMs: fin.atMs + 1 } as const;
    const transitions = [
      ...connection.transitions.slice(0, 1),
      { ...came, from: 'FIN_WAIT1', to: 'FIN_WAIT2' } as const,
      { ...came, from: 'FIN_WAIT2', to: 'TIME_WAIT' } as const,
    ];
    const recording = { ...run.recording, connections: [{ ...connection, transitions }] };
    const { page } = await pageOf({ ...run, recording });
    const [first, second, third] = await page.locator('.way-list li').allInnerTexts();
    expect(first).toContain('no socket (CLOSED) → SYN_SENT');
    expect(second).not.toContain('same segment');
    expect(third).toContain('by the same segment as step 2');
    await page.close();
  });
});
