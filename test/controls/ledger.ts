/** Keeps the findings of this machine for docs/truth.md: `npm run ledger -- [--slow]`. */
import { writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { commandLine } from '../../build/command-line.ts';
import { type KeptLedger, keptIn } from '../../build/truth.ts';
import { findingInWords } from '../../src/report/claims/decisive.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { findingsOf } from '../../src/scenario/findings.ts';
import { runAll } from '../support/runs.ts';

const { values } = commandLine('npm run ledger -- [--slow]', { slow: { type: 'boolean', default: false } });
const all = await Promise.all(catalogue().map(loadEntry));
const { finished: results } = await runAll(
  all.filter(({ scenario }) => values.slow || scenario.slow === null),
);
const findings = findingsOf(
  all.map(({ name, scenario }) => {
    const result = results.find((result) => result.scenario === name);
    return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
  }),
);
const ledger: KeptLedger = {
  machine: `Linux ${release().split('-')[0]} (${arch()})`,
  claims: findings.map((one) => ({
    ...{ id: one.id, claim: one.claim, finding: findingInWords(one) },
    parts: [...one.parts, ...one.cases].map((part) => ({ text: part.text, finding: findingInWords(part) })),
  })),
};
for (const { scenario, outcome } of results) if (outcome.state !== 'passed') console.log(scenario, outcome);
writeFileSync(keptIn.ledger, `${JSON.stringify(ledger, null, 1)}\n`);
