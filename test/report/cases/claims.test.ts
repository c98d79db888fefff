import { describe, expect, test } from 'vitest';
import { claimCases } from '../../../src/report/claims/cases.ts';
import type { ClaimsDocument } from '../../../src/report/documents/claims.ts';
import { saved } from '../saved.ts';
import { states, words } from './results.ts';

describe('claims', () => {
  const document = saved<ClaimsDocument>('claims');
  const [claim] = document.claims as [ClaimsDocument['claims'][number]];
  const evidence = [
    { scenario: 's', title: 'a', expected: 'x', observed: '1', finding: 'holds', under: null },
    { scenario: 's', title: 'b', expected: 'x', observed: '2', finding: 'refuted', under: null },
  ];
  const of = (change: object) =>
    claimCases({ ...document, claims: [{ ...claim, evidence, parts: [], cases: [], ...change }] } as never);

  test.each([
    ['holds', 'passed', ['1']],
    ['holds under', 'passed', ['1']],
    ['refuted', 'passed', ['2']],
    ['does not apply', 'passed', []],
    ['not decided', 'skipped', []],
  ])('one that %s is %s, with the observations that say so', (finding, state, observed) => {
    const cases = of({ finding, reason: 'it was not run' });
    expect(states(cases)).toEqual([state]);
    expect(words(cases)).toEqual([state === 'passed' ? null : 'it was not run']);
    const told = cases[0]?.facts['evidence'] as unknown as { observed: string }[];
    expect(told.map((one) => one.observed)).toEqual(observed);
  });

  test('has its parts and cases by their names', () => {
    const part = { ...claim, part: 'some', text: 'a part', finding: 'holds' };
    const cases = of({ id: 'C99', claim: 'all', parts: [part], cases: [{ ...part, part: 'more' }] });
    expect(cases.map(({ name }) => name)).toEqual(['C99: all', 'C99/some: a part', 'C99/more: a part']);
    expect(of({ finding: 'not decided', reason: null })[0]?.result).toEqual({
      state: 'skipped',
      reason: 'not decided',
    });
  });
});
