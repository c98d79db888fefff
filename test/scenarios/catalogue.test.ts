import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ObserverChoice } from '../../src/observe/observer.ts';
import { scenariosPage } from '../../src/report/scenarios-page.ts';
import type { Result } from '../../src/report/suite/results.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../../src/scenario/catalogue.ts';
import { type ClaimId, claims } from '../../src/scenario/claims.ts';
import { claimIds, findingsOf } from '../../src/scenario/findings.ts';
import { needNames, whyUnmet } from '../../src/scenario/needs.ts';
import { installed } from '../support/machine.ts';
import { runAll } from '../support/runs.ts';

const all = await Promise.all(catalogue().map(loadEntry));
const quick = all.filter(({ scenario }) => scenario.slow === null);

// What a machine does not allow is skipped by the scenarios, and here it is known which those are.
const unmet = new Map(
  await Promise.all(needNames.map(async (need) => [need, await whyUnmet(need)] as const)),
);
const canRun = ({ scenario }: LoadedScenario) => scenario.needs.every((need) => unmet.get(need) === null);

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

function essence({ scenario, outcome, checks }: Result) {
  const contradicted = checks.filter(({ verdict }) => verdict === 'contradicted');
  return {
    scenario,
    outcome: outcome.state,
    contradicted: contradicted.map(({ title, observed }) => [title, observed]),
  };
}

const allPassed = all
  .filter((loaded) => loaded.scenario.slow === null)
  .map((loaded) => ({
    scenario: loaded.name,
    outcome: canRun(loaded) ? 'passed' : 'skipped',
    contradicted: [],
  }));

const byName = (a: { scenario: string }, b: { scenario: string }) => a.scenario.localeCompare(b.scenario);

type Run = ReturnType<typeof runAll>;
const runs = new Map<string, Run>();

/** All that are quick; the results of a run serve every test that looks at them. */
function runOnce(address: string, observer: ObserverChoice): Run {
  const key = `${address} ${observer}`;
  const run = runs.get(key) ?? runAll(quick, { address, observer });
  runs.set(key, run);
  return run;
}

// Minutes, since others may be at work on the machine.
describe('every scenario comes out as expected', { timeout: 900_000 }, () => {
  test.for([
    ['127.0.0.1', 'auto'],
    ['::1', 'auto'],
    ['127.0.0.1', 'proc'],
    ['127.0.0.1', 'netstat'],
  ] as const)('on %s, seen by %s', async ([address, observer], context) => {
    if (observer === 'netstat' && !installed('netstat')) return context.skip('netstat is not installed');
    const finished = await runOnce(address, observer);
    expect(finished.map(essence).sort(byName)).toEqual(allPassed.sort(byName));
  });

  test('and bears on just the claims that it says it decides', async () => {
    const finished = await runOnce('127.0.0.1', 'auto');
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
    for (const { id, finding, reason } of findings) {
      if (finding === 'not decided') expect(reason, id).toMatch(/\S/);
    }
  });
});

/** Decided only by what takes long: how long TIME_WAIT lasts, and connections beside 50,000 of them. */
const slowClaims = ['C04', 'C40'];

function decides({ scenario }: LoadedScenario, id: ClaimId): boolean {
  return scenario.decides.includes(id);
}
