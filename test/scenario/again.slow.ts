import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Context, TooSlow } from '../../src/index.ts';
import { whyBusy } from '../../src/scenario/calm.ts';
import { startBusyLoops } from '../support/busy-loops.ts';
import { tcpclose } from '../support/program.ts';
import { runAll } from '../support/runs.ts';
import { observeSlowly, storyOf } from '../support/stories.ts';

/** The client is in FIN_WAIT2 for a second, which an observer that takes two cannot see. */
async function shortFinWait2({ lab, expect }: Context): Promise<void> {
  const server = await lab.server();
  const client = await lab.client(server);
  await client.setOption('TCP_LINGER2', 1);
  await expect(server).state('ESTABLISHED');
  await client.destroy();
  await expect(client).state('FIN_WAIT2');
}

describe('a scenario that was too slow to see runs again', () => {
  test('and what counts is the run in which it was seen', async () => {
    let runs = 0;
    const usualPath = process.env['PATH'];
    const story = storyOf(async (context) => {
      runs++;
      if (runs === 1) observeSlowly(2);
      else process.env['PATH'] = usualPath;
      await shortFinWait2(context);
    });
    const { outcome, events, finished } = await runAll([story], { observer: 'ss' });
    expect(runs).toBe(2);
    expect(outcome).toBe('passed');
    expect(finished).toMatchObject([{ attempts: 2, outcome: { state: 'passed' } }]);
    expect(finished[0]?.checks).toHaveLength(2);
    const again = events.filter(({ type }) => type === 'again');
    expect(again).toEqual([
      {
        ...{ type: 'again', scenario: 'story', topic: 'test', round: 1 },
        reason: expect.stringContaining('too slow to see'),
      },
    ]);
  });

  test('at most twice', async () => {
    const story = storyOf(async ({ lab }) => {
      await lab.server();
      throw new TooSlow('what', 'it was slow');
    });
    const { outcome, finished } = await runAll([story]);
    expect(outcome).toBe('errored');
    expect(finished).toMatchObject([
      { attempts: 3, outcome: { state: 'errored', error: { code: 'too-slow' } } },
    ]);
  });

  test('when the machine is no longer busy', async () => {
    const loops = startBusyLoops(6 * availableParallelism());
    onTestFinished(() => loops.end());
    await expect.poll(whyBusy, { timeout: 20_000 }).toMatch(/threads want a core/);
    const begun: number[] = [];
    let loopsEndedAt = Number.NaN;
    const story = storyOf(async ({ lab }) => {
      begun.push(performance.now());
      await lab.server();
      if (begun.length === 1) setTimeout(endLoops, 3000);
      throw new TooSlow('what', 'it was slow');
    });
    const endLoops = () => {
      loopsEndedAt = performance.now();
      loops.end();
    };
    const { events } = await runAll([story]);
    expect(events.map(({ type }) => type)).toContain('busy');
    expect(begun[1]).toBeGreaterThan(loopsEndedAt);
  });

  test('once if it took too long on a busy machine', async () => {
    const loops = startBusyLoops(6 * availableParallelism());
    onTestFinished(() => loops.end());
    await expect.poll(whyBusy, { timeout: 20_000 }).toMatch(/threads want a core/);
    const story = storyOf(async ({ lab }) => {
      await lab.server();
      // Later than the first run is over.
      setTimeout(() => loops.end(), 6000);
      await new Promise(() => {});
    });
    const { finished, events } = await runAll([story], { timeoutMs: 5000 });
    expect(finished).toMatchObject([{ attempts: 2, outcome: { error: { code: 'timeout' } } }]);
    expect(events.find(({ type }) => type === 'again')).toMatchObject({
      reason: expect.stringMatching(/^not over after 5.0 s: .* \(\d+ threads want a core\)$/),
    });
  });

  test('and not if it was contradicted', async () => {
    const story = storyOf(async ({ lab, expect }) => {
      await lab.server();
      expect.value('two', 1 + 1).equals(1);
    });
    const { finished } = await runAll([story]);
    expect(finished).toMatchObject([{ attempts: 1, outcome: { state: 'failed' } }]);
  });
});

test('the report says which ran again, in text and in JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'again-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const story = `
    import { existsSync, writeFileSync } from 'node:fs';
    import { scenario, TooSlow } from 'tcpclose';
    export default scenario({
      title: 'a story', claim: 'It is as it is told.', source: [], decides: [], control: 'destroy',
      async run({ lab, expect }) {
        await expect(await lab.client(await lab.server())).state('ESTABLISHED');
        if (existsSync('${folder}/seen')) return;
        writeFileSync('${folder}/seen', '');
        throw new TooSlow('what', 'it was slow');
      },
    });`;
  const file = join(folder, 'story.ts');
  writeFileSync(file, story);
  const args = [
    'test',
    file,
    '--observer',
    'ss',
    '--reporter',
    'text',
    '--reporter',
    `json:${folder}/run.json`,
  ];
  const { stdout, status } = await tcpclose(args);
  expect(stdout).toMatch(/too slow to see at first, and run again alone:\n +your own\/story\n/);
  expect(stdout).toMatch(/1 passed in/);
  expect(status).toBe(0);
  const { default: document } = await import(`${folder}/run.json`, { with: { type: 'json' } });
  expect(document).toMatchObject({ outcome: 'passed', scenarios: [{ attempts: 2, outcome: 'passed' }] });
});
