/**
 * Records the runs that the documentation shows: `npm run record` those that are missing or have changed, `npm run record -- --all` all of them,
 * `npm run record -- server-first why` those of a scenario and of a command.
 */
import { writeFileSync } from 'node:fs';
import { commands } from '../../src/cli/commands.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { missingExamples, outdated } from './currency.ts';
import { examples, recordExample } from './examples.ts';
import { keptRuns, listOf } from './kept.ts';
import { recordScenario } from './scenarios.ts';

const wanted = process.argv.slice(2);
const all = wanted.includes('--all');
const loaded = await Promise.all(catalogue().map(loadEntry));
const isWanted = (name: string, isOutdated: boolean) =>
  all || (wanted.length === 0 ? isOutdated : wanted.includes(name));

// Those that no longer exist are forgotten.
const known = Object.entries(keptRuns()).filter(([name]) => loaded.some((one) => one.name === name));
const list = listOf(Object.fromEntries(known));
writeFileSync(list.path, list.text);

for (const scenario of loaded) {
  if (!isWanted(scenario.name, outdated(scenario) !== null)) continue;
  console.log(`scenario ${scenario.name}`);
  try {
    recordScenario(scenario);
  } catch (error) {
    process.exitCode = 1;
    console.error(`  ${error instanceof Error ? error.message : error}`);
  }
}

const missing = missingExamples(commands);
for (const example of examples) {
  if (!isWanted(example.command, missing.includes(example.command))) continue;
  console.log(`command ${example.command}`);
  recordExample(example);
}
