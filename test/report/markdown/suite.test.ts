import { describe, expect, test } from 'vitest';
import type { SuiteDocument } from '../../../src/report/documents/suite.ts';
import { suiteMarkdown } from '../../../src/report/markdown/suite.ts';
import { saved } from '../saved.ts';

describe('a suite in Markdown', () => {
  const suite = saved<SuiteDocument>('suite');
  const [first] = suite.scenarios as [SuiteDocument['scenarios'][number]];
  const states = ['passed', 'failed', 'errored', 'skipped', 'interrupted'];
  const scenarios = states.map((outcome) => ({
    ...first,
    outcome,
    reason: null,
    checks: [],
    round: 1,
    durationMs: 9,
  }));
  const of = (change: object) =>
    suiteMarkdown({ ...suite, scenarios, environment: null, neverRun: 0, ...change } as SuiteDocument);

  test('marks each outcome, and has its reason and its round', () => {
    expect(
      of({})
        .filter((line) => line.includes('first') || line.startsWith('| '))
        .slice(2),
    ).toEqual(
      states.map(
        (state, i) => `| ${'✔✖✖––'[i]} | ${first.topic} | ${first.scenario} | ${state} | 0 | 9 ms |`,
      ),
    );
    const [again] = [{ ...scenarios[2], round: 2, reason: 'no *peer*' }];
    expect(of({ scenarios: [again] }).at(-2)).toBe(
      `| ✖ | ${first.topic} | ${first.scenario} (round 2) | errored: no \\*peer\\* | 0 | 9 ms |`,
    );
  });

  test('counts what never ran, and does not mention contradictions if there were none', () => {
    expect(of({ neverRun: 3, durationMs: 2000, outcome: 'interrupted' }).slice(0, 4)).toEqual([
      '# tcpclose test',
      '',
      '**interrupted**: 5 scenarios in 2 s, 3 never ran.',
      '',
    ]);
    expect(of({})[2]).toMatch(/: 5 scenarios in [\d.]+ s\.$/);
    expect(of({})).not.toContain('## Contradicted');
    const check = { title: 'a', expected: 'b', observed: 'c', verdict: 'contradicted', raw: null };
    const checks = [check, { ...check, verdict: 'as expected', title: 'fine' }];
    expect(of({ scenarios: [{ ...scenarios[1], checks }] }).slice(-4)).toEqual([
      '## Contradicted',
      '',
      `- ${first.scenario}: a: expected b, observed c`,
      '',
    ]);
  });
});
