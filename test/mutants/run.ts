/**
 * Runs Stryker for one group after the other, each with its own tests, and keeps the results of each as soon as they are there:
 * `npm run mutants:within -- [part, or the beginning of a file's path ...] [--changed] [--survivors]`.
 * `--changed`: those files only that have changed since; `--survivors`: of the last run here, as long as nothing but tests came to it.
 */
import { spawnSync } from 'node:child_process';
import { commandLine, refuse, unlessInterrupted } from '../../build/command-line.ts';
import { readKept, stateOf } from '../../build/truth.ts';
import { type Group, groups } from './groups.ts';
import { keepReport } from './keep.ts';
import { lastReport, survivorsIn } from './report.ts';

const { values, positionals: wanted } = commandLine(
  'npm run mutants:within -- [part or beginning of a path...] [--changed] [--survivors]',
  { changed: { type: 'boolean', default: false }, survivors: { type: 'boolean', default: false } },
  'words',
);
const isNamed = (name: string, { part, files }: Group) =>
  name === part || files.some((file) => file.startsWith(name));
for (const name of wanted)
  if (!groups.some((group) => isNamed(name, group)))
    refuse(
      `"${name}" is neither a part nor the beginning of a path: choose from ${groups.map(({ part }) => part).join(', ')}`,
    );

for (const group of groups) {
  const files = group.files.filter((file) => isWanted(file, group));
  if (files.length === 0) continue;
  const before = values.survivors ? lastReport(files) : null;
  const places = before === null ? files : survivorsIn(before);
  if (places.length === 0) continue;
  console.log(`${group.part}: ${places.join(' ')}`);
  const stryker = spawnSync('npx', ['stryker', 'run', '--mutate', places.join(',')], {
    env: { ...process.env, MUTANTS_TESTS: group.tests.join(',') },
    stdio: 'inherit',
  });
  const { status } = unlessInterrupted(stryker);
  if (status === 0) keepReport(group.part, before);
  else process.exitCode = 1;
}

function isWanted(file: string, { part }: Group): boolean {
  if (values.changed && isAsMeasured(file)) return false;
  return wanted.length === 0 || wanted.some((one) => one === part || file.startsWith(one));
}

function isAsMeasured(file: string): boolean {
  const kept = readKept().mutants.files.find((one) => one.file === file);
  return kept !== undefined && stateOf(kept) === 'measured';
}
