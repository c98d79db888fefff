import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { readMachine } from '../../src/observe/machine.ts';
import { claimsDocumentOf } from '../../src/report/documents/claims.ts';
import { scenariosPage } from '../../src/report/scenarios-page.ts';
import type { Result } from '../../src/report/suite/results.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { type ClaimId, claims } from '../../src/scenario/claims.ts';
import { claimIds, findingsOf } from '../../src/scenario/findings.ts';
import { all, canRun, comeOutAsExpected, dealt, observers, quick } from '../support/catalogue.ts';
import { expectLedger } from '../support/ledger.ts';

describe('the catalogue', () => {
  test('has unique names, also among the topics', () => {
    const names = [...all.map(({ name }) => name), ...new Set(all.map(({ topic }) => topic))];
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(all)('$topic/$name says what it is about, and where that is written', ({ scenario }) => {
    expect(scenario.title.length).toBeGreaterThan(10);
    expect(scenario.title.length).toBeLessThan(80);
    expect(scenario.claim).toMatch(/^[A-Za-z].{40,}\.$/s);
    expect(scenario.source.length).toBeGreaterThan(0);
    expect(scenario.decides.filter((id) => !(id in claims))).toEqual([]);
  });

  test('is documented as it is now (npm run docs)', () => {
    const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
    expect(page).toBe(scenariosPage(all));
  });
});

const here = '127.0.0.1';
const finished: Result[] = [];

// Minutes, since others may be at work on the machine.
describe('every scenario comes out as expected on 127.0.0.1', { timeout: 900_000 }, () => {
  test.for(observers)('seen by %s', async (observer) => {
    finished.push(...(await comeOutAsExpected(dealt(here, observer), here, observer)));
  });

  test('and bears on just the claims that it says it decides', () => {
    expect(finished).toHaveLength(quick.length);
    const strays = finished.flatMap(({ scenario, checks }) => {
      const { decides } = all.find(({ name }) => name === scenario)?.scenario ?? { decides: [] };
      const borneOn = checks.flatMap(({ bearings }) =>
        bearings.map(({ claim }) => claim.split('/')[0] ?? ''),
      );
      return borneOn
        .filter((id) => !(decides as readonly string[]).includes(id))
        .map((id) => `${scenario}: ${id}`);
    });
    expect(strays).toEqual([]);
  });

  test('and the ledger has a finding or a reason for every claim', async () => {
    const findings = findingsOf(
      all.map(({ name, scenario }) => {
        const result = finished.find(({ scenario }) => scenario === name);
        return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
      }),
    );
    const undecided = findings.filter(({ finding }) => finding === 'not decided').map(({ id }) => id);
    const decidable = claimIds.filter((id) =>
      all.every((loaded) => !decides(loaded, id) || (canRun(loaded) && quick.includes(loaded))),
    );
    expect(undecided.filter((id) => decidable.includes(id) && !needsMore.includes(id))).toEqual([]);
    expectLedger(claimsDocumentOf(findings, null, await readMachine(thisMachine)), claimIds);
  });
});

/** C25 is decided by tracepoints, which only root can read; C43 by the kernel log; and a part of C56 nowhere. */
const needsMore = ['C25', 'C43', 'C56'];

function decides({ scenario }: LoadedScenario, id: ClaimId): boolean {
  return scenario.decides.includes(id);
}
