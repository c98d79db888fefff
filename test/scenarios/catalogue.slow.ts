import { describe, expect, test } from 'vitest';
import { findingsOf } from '../../src/scenario/findings.ts';
import {
  all,
  canRun,
  comeOutAsExpected,
  observers,
  placeNames,
  quick,
  whyNotIn,
} from '../support/catalogue.ts';
import { run } from '../support/runs.ts';
import { unless } from '../support/skips.ts';

const slow = all.filter(({ scenario }) => scenario.slow !== null);

test('every slow scenario comes out as expected, and decides its claims', { timeout: 900_000 }, async () => {
  const results = await comeOutAsExpected(slow, '127.0.0.1', 'auto');
  expect(results).toHaveLength(slow.length);
  const findings = findingsOf(
    results.map(({ scenario: name, outcome, checks }) => ({ ...entryOf(name), outcome, checks })),
  );
  const deciding = slow.filter(canRun).flatMap(({ scenario }) => scenario.decides);
  const open = findings.flatMap(({ id, finding, parts }) =>
    deciding.includes(id) ? [[id, finding, parts]] : [],
  );
  // Other systems are not measured.
  expect(open.filter(([id, finding]) => finding === 'not decided' && id !== 'C56')).toEqual([]);
});

test('server-first waits for the end of TIME_WAIT', { timeout: 600_000 }, async () => {
  const { outcome, checks } = await run(entryOf('server-first'), { parameters: { wait: true } });
  expect(outcome).toEqual({ state: 'passed' });
  const said = checks.flatMap(({ bearings }) => bearings).filter(({ claim }) => claim === 'C04');
  expect(said).toEqual([{ claim: 'C04', finding: 'refuted', under: null }]);
});

function entryOf(name: string) {
  const found = all.find((loaded) => loaded.name === name);
  if (found === undefined) throw new Error(`no such scenario: ${name}`);
  return found;
}

describe.for(placeNames)('every scenario comes out as expected on %s', (place) => {
  test.for(observers)('seen by %s', { timeout: 900_000, ...unless(whyNotIn(place)) }, async (observer) => {
    await comeOutAsExpected(quick, place, observer);
  });
});
