import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readKept, truthPage } from '../../build/truth.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { groups } from '../mutants/groups.ts';
import { mutants } from '../mutants/list.ts';

const kept = readKept();
const all = await Promise.all(catalogue().map(loadEntry));

test('docs/truth.md agrees with the kept results (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/truth.md', import.meta.url), 'utf8');
  expect(page).toBe(truthPage(kept));
});

test('it lists every claim, as it is worded now (npm run ledger)', () => {
  const worded = Object.entries(claims).map(([id, { claim }]) => [id, claim]);
  expect(kept.ledger.claims.map(({ id, claim }) => [id, claim])).toEqual(worded);
});

test('it lists checks of every quick scenario that decides a claim (npm run controls)', () => {
  const deciding = all.filter(({ scenario }) => scenario.decides.length > 0);
  const quick = deciding.filter(({ scenario }) => scenario.slow === null).map(({ name }) => name);
  const listed = new Set(kept.checks.map(({ scenario }) => scenario));
  expect(quick.filter((name) => !listed.has(name))).toEqual([]);
  expect([...listed].filter((name) => !deciding.some((one) => one.name === name))).toEqual([]);
});

test('a check that was not shown to depend on a stimulus explains that, and names another check that was (npm run controls)', () => {
  const others = kept.checks.filter(({ result }) => result !== 'shown');
  expect(others.filter(({ result, why }) => result !== 'none to withhold' || why.trim() === '')).toEqual([]);
});

test('it lists exactly the files whose mutants must be caught (npm run mutants:within)', () => {
  const listed = groups.flatMap(({ part, files }) => files.map((file) => `${part}: ${file}`));
  expect(kept.mutants.files.map(({ part, file }) => `${part}: ${file}`).toSorted()).toEqual(
    listed.toSorted(),
  );
});

test('of the mutants of parsers, decoders, findings and causes nine in ten are caught, of each file', () => {
  const deciding = kept.mutants.files.filter(({ part }) => !['results for CI', 'texts'].includes(part));
  expect(deciding.filter(({ mutants, caught }) => caught < mutants * 0.9).map(({ file }) => file)).toEqual(
    [],
  );
});

test('each surviving mutant has a reason (test/mutants/reasons.ts)', () => {
  const survivors = kept.mutants.files.flatMap(({ file, survivors }) =>
    survivors.map((survivor) => `${file}: ${survivor}`),
  );
  expect(survivors.filter((text) => !/ \w+( \(not reached\))?: (?!no reason)\w/.test(text))).toEqual([]);
});

test('it lists every mutant that was made by hand (npm run mutants)', () => {
  expect(kept.mutants.across.map(({ title }) => title)).toEqual(mutants.map(({ title }) => title));
  expect(kept.mutants.across.filter(({ fate }) => fate !== 'caught')).toEqual([]);
});
