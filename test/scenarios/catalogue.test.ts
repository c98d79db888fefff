import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { claimsDocumentOf } from '../../src/report/documents/claims.ts';
import { scenariosPage } from '../../src/report/scenarios-page.ts';
import type { Result } from '../../src/report/suite/results.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import { type ClaimId, claims } from '../../src/scenario/claims.ts';
import { claimIds, findingsOf } from '../../src/scenario/findings.ts';
import {
  all,
  canRun,
  comeOutAsExpected,
  observers,
  placeNames,
  quick,
  whyNotIn,
} from '../support/catalogue.ts';
import { expectLedger } from '../support/ledger.ts';
import { unless } from '../support/skips.ts';

describe('the catalogue', () => {
  test('has unique names, also among the topics', () => {
    const names = [...all.map(({ name }) => name), ...new Set(all.map(({ topic }) => topic))];
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(all)('$topic/$name tells what it is about, and where that is written', ({ scenario }) => {
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

// Every scenario meets each place and each observer, in three runs; all combinations of them are in catalogue.slow.ts.
const deals = placeNames.flatMap((place, at) =>
  observers.map((observer, by) => ({
    place,
    observer,
    dealt: quick.filter((_, i) => (i + at) % observers.length === by),
  })),
);
const finished: Result[] = [];

// Minutes, since others may be at work on the machine.
describe('every scenario comes out as expected', { timeout: 900_000 }, () => {
  for (const { place, observer, dealt } of deals) {
    test(`on ${place}, seen by ${observer}`, unless(whyNotIn(place)), async () => {
      const results = await comeOutAsExpected(dealt, place, observer);
      if (place === placeNames[0]) finished.push(...results);
    });
  }

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

  test('and the ledger has a finding or a reason for every claim', () => {
    const findings = findingsOf(
      all.map(({ name, scenario }) => {
        const result = finished.find(({ scenario }) => scenario === name);
        return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
      }),
    );
    const decided = findings.filter(({ finding }) => finding !== 'not decided').map(({ id }) => id);
    const decidable = claimIds.filter(
      (id) => !slowClaims.includes(id) && quick.some((loaded) => canRun(loaded) && decides(loaded, id)),
    );
    expect(decided).toEqual(decidable);
    expectLedger(claimsDocumentOf(findings, null), claimIds);
  });
});

/** Decided only by what takes long: how long TIME_WAIT lasts, and connections beside 50,000 of them. */
const slowClaims = ['C04', 'C40'];

function decides({ scenario }: LoadedScenario, id: ClaimId): boolean {
  return scenario.decides.includes(id);
}
