import { describe, expect, test } from 'vitest';
import { all, comeOutAsExpected, observers, placeNames, quick, whyNotIn } from '../support/catalogue.ts';
import { runAll } from '../support/runs.ts';
import { unless } from '../support/skips.ts';

const slow = all.filter(({ scenario }) => scenario.slow !== null);

test('every slow scenario comes out as expected', { timeout: 900_000 }, async () => {
  const results = await runAll(slow);
  const others = results.filter(({ outcome }) => !['passed', 'skipped'].includes(outcome.state));
  expect(results).toHaveLength(slow.length);
  expect(others).toEqual([]);
});

describe.for(placeNames)('every scenario comes out as expected on %s', (place) => {
  test.for(observers)('seen by %s', { timeout: 900_000, ...unless(whyNotIn(place)) }, async (observer) => {
    await comeOutAsExpected(quick, place, observer);
  });
});
