import { expect, test } from 'vitest';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { runAll } from '../support/runs.ts';

const all = await Promise.all(catalogue().map(loadEntry));
const slow = all.filter(({ scenario }) => scenario.slow !== null);

test('every slow scenario comes out as expected', { timeout: 900_000 }, async () => {
  const results = await runAll(slow);
  const others = results.filter(({ outcome }) => !['passed', 'skipped'].includes(outcome.state));
  expect(results).toHaveLength(slow.length);
  expect(others).toEqual([]);
});
