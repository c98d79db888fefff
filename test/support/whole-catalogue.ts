import { describe, expect, test } from 'vitest';
import { readKept } from '../../build/truth.ts';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { readMachine } from '../../src/observe/machine.ts';
import { claimsDocumentOf } from '../../src/report/documents/claims.ts';
import type { Result } from '../../src/report/suite/results.ts';
import type { LoadedScenario } from '../../src/scenario/catalogue.ts';
import type { ClaimId } from '../../src/scenario/claims.ts';
import { claimIds, findingsOf } from '../../src/scenario/findings.ts';
import { keyed, titleOf } from '../controls/controls.ts';
import { all, canRun, comeOutAsExpected, dealt, observers } from './catalogue.ts';
import { expectLedger } from './ledger.ts';

const here = '127.0.0.1';

/** Runs these scenarios, each seen by one observer, and expects of them what the catalogue says. */
export function describeCatalogue(title: string, scenarios: readonly LoadedScenario[]): void {
  const finished: Result[] = [];

  // Minutes, since others may be at work on the machine.
  describe(title, { timeout: 900_000 }, () => {
    test.for(observers)('seen by %s', async (observer) => {
      finished.push(
        ...(await comeOutAsExpected(
          dealt(here, observer).filter((loaded) => scenarios.includes(loaded)),
          here,
          observer,
        )),
      );
    });

    test('and bears on exactly the claims that it declares', () => {
      expect(finished).toHaveLength(scenarios.length);
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

    test('and the kept controls are those of its checks (npm run controls)', () => {
      const passed = finished.filter(({ outcome }) => outcome.state === 'passed');
      const now = passed.flatMap(({ scenario, checks }) =>
        keyed(checks).map(({ key, check }) =>
          textOf(
            scenario,
            key,
            check.bearings.map(({ claim }) => claim),
          ),
        ),
      );
      const kept = readKept()
        .checks.filter(({ scenario }) => passed.some((one) => one.scenario === scenario))
        .map(({ scenario, check, claims }) => textOf(scenario, check, claims));
      expect(now.filter((text) => text !== null && !kept.includes(text))).toEqual([]);
      expect(kept.filter((text) => text !== null && !now.includes(text))).toEqual([]);
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
        all.every((loaded) => !decides(loaded, id) || (canRun(loaded) && scenarios.includes(loaded))),
      );
      expect(undecided.filter((id) => decidable.includes(id) && !needsMore.includes(id))).toEqual([]);
      expectLedger(claimsDocumentOf(findings, null, await readMachine(thisMachine)), claimIds);
    });
  });
}

/** C25 is decided by tracepoints, which only root can read; C43 by the kernel log; and a part of C56 nowhere. */
const needsMore = ['C25', 'C43', 'C56'];

/** A check that bears on claims everywhere; null for another. Numbers in it, and how many have its title, differ from run to run. */
function textOf(scenario: string, key: string, claims: readonly string[]): string | null {
  const everywhere = claims.filter((claim) => !needsMore.some((id) => claim.startsWith(id)));
  return everywhere.length === 0
    ? null
    : `${scenario}: ${titleOf(key).replaceAll(/\d+/g, 'n')}: ${everywhere.join(', ')}`;
}

function decides({ scenario }: LoadedScenario, id: ClaimId): boolean {
  return scenario.decides.includes(id);
}
