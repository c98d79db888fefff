import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { jumpingClock, noFaketime } from '../support/jumping-clock.ts';
import { noRoot } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

const noPackets = await whyUnmet('packets');
const noCoreDump = await whyUnmet('core dump');

/** The outcome of each scenario, and the checks that were contradicted. */
async function outcomesOf(names: readonly string[], prefix: readonly string[]) {
  const { stdout } = await tcpclose(['test', ...names, '--json'], { prefix });
  const { scenarios } = JSON.parse(stdout) as SuiteDocument;
  return scenarios.map(({ scenario, outcome, reason, checks }) => ({
    ...{ scenario, outcome, reason },
    contradicted: checks.filter(({ verdict }) => verdict === 'contradicted').map(({ title }) => title),
  }));
}

test('times of packets are right while the clock is being set', unless(noFaketime ?? noPackets), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = jumpingClock(folder);
  let jumps = 0;
  const jumping = setInterval(() => clock.setTo((jumps++ % 2 === 0 ? 1 : -1) * 3600), 150);
  onTestFinished(() => clearInterval(jumping));
  const names = ['three-segments', 'host-gone'];
  const outcomes = await outcomesOf(names, clock.prefix);
  const passed = { outcome: 'passed', reason: null, contradicted: [] };
  expect(outcomes).toEqual(expect.arrayContaining(names.map((scenario) => ({ scenario, ...passed }))));
  expect(jumps).toBeGreaterThan(3);
});

test('a disk without room for a core dump is a reason to skip', unless(noRoot ?? noCoreDump), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const onSmallDisk = `mount -t tmpfs -o size=1m none ${folder} && export TMPDIR=${folder} && exec "$@"`;
  const prefix = ['unshare', '--mount', 'sh', '-c', onSmallDisk, 'sh'];
  expect(await outcomesOf(['core-dump'], prefix)).toEqual([
    {
      ...{ scenario: 'core-dump', outcome: 'skipped', contradicted: [] },
      reason: expect.stringMatching(new RegExp(`^${folder} has room for 1 MB, and \\d+ MB are needed: `)),
    },
  ]);
});
