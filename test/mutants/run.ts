/**
 * Runs Stryker for one group after the other, each with its own tests, and keeps the results of each as soon as they are there:
 * `npm run mutants:within [-- [--changed] [--survivors] <part, or the beginning of a file's path> ...]`.
 * `--changed`: those files only that have changed since; `--survivors`: of the last run here, as long as nothing but tests came to it.
 */
import { spawnSync } from 'node:child_process';
import { readKept, stateOf } from '../../build/truth.ts';
import { type Group, groups } from './groups.ts';
import { keepReport } from './keep.ts';
import { lastReport, survivorsIn } from './report.ts';

const [onlyChanged, onlySurvivors] = ['--changed', '--survivors'].map((name) => process.argv.includes(name));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

for (const group of groups) {
  const files = group.files.filter((file) => isWanted(file, group));
  if (files.length === 0) continue;
  const before = onlySurvivors ? lastReport(files) : null;
  const places = before === null ? files : survivorsIn(before);
  if (places.length === 0) continue;
  console.log(`${group.part}: ${places.join(' ')}`);
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', places.join(',')], {
    env: { ...process.env, MUTANTS_TESTS: group.tests.join(',') },
    stdio: 'inherit',
  });
  if (status === 0) keepReport(group.part, before);
  else process.exitCode = 1;
}

function isWanted(file: string, { part }: Group): boolean {
  if (onlyChanged && isAsMeasured(file)) return false;
  return wanted.length === 0 || wanted.some((one) => one === part || file.startsWith(one));
}

function isAsMeasured(file: string): boolean {
  const kept = readKept().mutants.files.find((one) => one.file === file);
  return kept !== undefined && stateOf(kept) === 'measured';
}
