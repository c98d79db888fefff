import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scenariosPage } from '../../src/report/scenarios-page.ts';
import { claims } from '../../src/scenario/claims.ts';
import { all, brief } from '../support/catalogue.ts';
import { describeCatalogue } from '../support/whole-catalogue.ts';

describe('the catalogue', () => {
  test('has unique names, even among the topics', () => {
    const names = [...all.map(({ name }) => name), ...new Set(all.map(({ topic }) => topic))];
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(all)('$topic/$name has a claim and its sources', ({ scenario }) => {
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

// Those that take 5 s or more are in catalogue.ci.ts.
describeCatalogue('every scenario comes out as expected on 127.0.0.1', brief);
