/**
 * Withholds, for every check that bears on a claim, the stimulus without which it must come out otherwise, and for the witnesses of
 * those that have none:
 * `npm run controls -- [scenario...] [--slow]`. Of a run of all of them the results are kept, for docs/truth.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chosenFrom, commandLine } from '../../build/command-line.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../../src/scenario/catalogue.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { type Controlled, controlled } from './controls.ts';

const kept = new URL('results.json', import.meta.url);
const atOnce = 3;

const { values, positionals } = commandLine(
  'npm run controls -- [scenario...] [--slow]',
  { slow: { type: 'boolean', default: false } },
  'words',
);
const all = await Promise.all(catalogue().map(loadEntry));
const names = chosenFrom(
  positionals,
  all.map(({ name }) => name),
  'a scenario',
);
const isSlowToo = values.slow || positionals.length > 0;
const chosen = all.filter(
  ({ name, scenario }) => names.includes(name) && (isSlowToo || scenario.slow === null),
);
const network = (await whyUnmet('namespace')) === null ? 'own' : 'host';
const waiting = chosen.toSorted((a, b) => b.scenario.takes - a.scenario.takes);
const results: Controlled[] = [];
let failed = 0;

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await control(next);
}

async function control(loaded: LoadedScenario): Promise<void> {
  const result = await controlled(loaded, { network, timeoutMs: 600_000 });
  if (typeof result === 'string') {
    failed++;
    console.log(`${loaded.name}: ${result}`);
    return;
  }
  results.push(...result);
  for (const { check, without, result: came, why } of result)
    if (came !== 'shown')
      console.log(
        `${loaded.name}: ${check}: ${came}${without === null ? '' : ` without ${without}`}: ${why}`,
      );
}

await Promise.all(Array.from({ length: atOnce }, work));
results.sort((a, b) => a.scenario.localeCompare(b.scenario));
const bearing = results.filter(({ claims }) => claims.length > 0);
const count = (came: Controlled['result']) => bearing.filter(({ result }) => result === came).length;
const other = bearing.length - count('shown') - count('none to withhold');
console.log(
  `${bearing.length} checks bear on claims: ${count('shown')} come out otherwise without their stimulus, ` +
    `${count('none to withhold')} have none, say why and name a witness that does, ${other} are not shown; ` +
    `${failed} scenarios did not run`,
);
const before: Controlled[] = JSON.parse(readFileSync(kept, 'utf8'));
const ran = new Set(results.map(({ scenario }) => scenario));
const others = before.filter(
  ({ scenario }) => !ran.has(scenario) && all.some(({ name }) => name === scenario),
);
const together = [...others, ...results].toSorted((a, b) => a.scenario.localeCompare(b.scenario));
writeFileSync(kept, `${JSON.stringify(together, null, 1)}\n`);
if (other > 0) process.exitCode = 1;
