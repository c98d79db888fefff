import { describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import type { SuiteDocument } from '../../../src/report/documents/suite.ts';
import { caseOf, caseOfRun, casesOfSuite } from '../../../src/report/suite/cases.ts';
import { saved } from '../saved.ts';
import { states, words } from './results.ts';

describe('a run', () => {
  const document = saved<RunDocument>('run');
  const of = (change: object) => caseOfRun({ ...document, ...change } as RunDocument);
  const check = { ...document.checks[0], title: 'server', expected: 'a', observed: 'b' };
  const bad = { ...check, verdict: 'contradicted', raw: 'State', location: { file: 'x.ts', line: 3 } };

  test.each([
    ['passed', 'passed', null],
    ['skipped', 'skipped', 'a reason'],
    ['errored', 'errored', 'a reason'],
    ['interrupted', 'undecided', 'interrupted: a reason'],
  ])('that %s is %s', (outcome, state, text) => {
    const one = of({ outcome, reason: 'a reason', checks: [bad] });
    expect(states([one])).toEqual([state]);
    expect(words([one])).toEqual([text]);
    const isFine = outcome === 'passed' || outcome === 'skipped';
    expect(Object.keys(one.facts)).toEqual(
      isFine ? [] : ['outcome', 'reason', 'duration_ms', 'contradicted'],
    );
  });

  test('of a suite has its round, and how often it was tried', () => {
    const finished = {
      ...{ scenario: 'mine', topic: 'order', round: 2, attempts: 3, checks: [], durationMs: 5 },
      outcome: { state: 'passed' },
    } as const;
    expect(caseOf(finished)).toMatchObject({
      ...{ suite: 'order', name: 'mine (round 2)', title: 'order/mine (round 2)', durationMs: 5 },
      result: {
        state: 'passed',
        remark: 'passed at attempt 3: before, the machine was too slow to see a state',
      },
    });
    expect(words([caseOf({ ...finished, attempts: 1 })])).toEqual([null]);
  });

  test('that failed has what contradicted it, or its reason', () => {
    const agreed = { ...check, verdict: 'as expected' };
    const nowhere = { ...bad, title: 'client', raw: null, location: null };
    const one = of({ outcome: 'failed', reason: null, checks: [agreed, bad, nowhere] });
    expect(one.result).toMatchObject({
      state: 'failed',
      problems: [
        { message: 'server: expected a, observed b', text: 'State', location: { file: 'x.ts', line: 3 } },
        { message: 'client: expected a, observed b', text: '', location: null },
      ],
    });
    expect(one.facts['contradicted']).toEqual([
      { title: 'server', expected: 'a', observed: 'b', at: 'x.ts:3' },
      { title: 'client', expected: 'a', observed: 'b', at: null },
    ]);
    expect(words([of({ outcome: 'failed', reason: 'no more', checks: [] })])).toEqual(['no more']);
    expect(words([of({ outcome: 'failed', reason: null, checks: [agreed] })])).toEqual(['contradicted']);
    expect(words([of({ outcome: 'errored', reason: null })])).toEqual(['']);
    expect(one).toMatchObject({
      ...{ suite: 'demo', className: 'tcpclose.demo', name: document.scenario, warnings: [] },
      title: `demo/${document.scenario}`,
    });
  });
});

test('a suite has a case for each scenario', () => {
  const suite = saved<SuiteDocument>('suite');
  expect(casesOfSuite(suite).map(({ title }) => title)).toEqual(
    suite.scenarios.map(({ topic, scenario }) => `${topic}/${scenario}`),
  );
});
