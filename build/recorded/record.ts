/**
 * Records the runs that the documentation shows: `npm run record` those that are missing or have changed, `npm run record -- --all` all of them,
 * `npm run record -- server-first why` those of a scenario and of a command.
 */
import { writeFileSync } from 'node:fs';
import { commands } from '../../src/cli/commands.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { buildFirst, commandLine, refuse } from '../command-line.ts';
import { missingExamples, outdated } from './currency.ts';
import { examplesOf, recordExample } from './examples.ts';
import { keptRuns, listOf } from './kept.ts';
import { recordScenario } from './scenarios.ts';

const { values, positionals: wanted } = commandLine(
  'npm run record -- [scenario or command...] [--all]',
  { all: { type: 'boolean', default: false } },
  'words',
);
const examples = examplesOf(commands);
const loaded = await Promise.all(catalogue().map(loadEntry));
const known: readonly string[] = [
  ...loaded.map(({ name }) => name),
  ...examples.map(({ command }) => command),
];
for (const name of wanted)
  if (!known.includes(name)) refuse(`"${name}" is neither a scenario nor a recorded command`);
buildFirst();
const isWanted = (name: string, isOutdated: boolean) =>
  values.all || (wanted.length === 0 ? isOutdated : wanted.includes(name));

// Those that no longer exist are forgotten.
const kept = Object.entries(keptRuns()).filter(([name]) => loaded.some((one) => one.name === name));
const list = listOf(Object.fromEntries(kept));
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
