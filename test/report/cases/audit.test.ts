import { describe, expect, test } from 'vitest';
import { auditCases } from '../../../src/report/audit/cases.ts';
import { states } from './results.ts';

describe('audit', () => {
  const finding = {
    ...{ kind: 'leak', what: '9 leak', fault: { side: 'here', because: 'nobody closes' }, count: 9 },
    ...{
      trend: 'growing',
      cost: null,
      steps: [
        { text: 'look', command: 'ss -tan' },
        { text: 'wait', command: null },
      ],
    },
  };
  const findings = [
    { ...finding, severity: 'wrong' },
    { ...finding, severity: 'note', what: '2 may', count: 2 },
    { ...finding, kind: 'pile', severity: 'note', what: 'a pile', count: 3, steps: [] },
  ];

  test('fails for a kind with a wrong finding, and only warns about notes', () => {
    const kinds = ['leak', 'pile', 'queue'].map((name) => ({ name }));
    const cases = auditCases({ findings, scope: 'this machine' } as never, kinds);
    expect(cases[0]).toEqual({
      ...{
        suite: 'this machine',
        className: 'tcpclose.audit',
        name: 'leak',
        title: 'leak',
        durationMs: null,
      },
      result: {
        state: 'failed',
        problems: [
          expect.objectContaining({
            ...{ type: 'leak', message: '9 leak', remedy: 'look: ss -tan' },
            text: 'here: nobody closes\ngrowing\nlook: ss -tan\nwait',
          }),
        ],
      },
      facts: { count: 11 },
      warnings: ['2 may'],
    });
    expect(states(cases)).toEqual(['failed', 'passed', 'passed']);
    expect(cases.map(({ facts, warnings }) => [facts['count'], warnings])).toEqual([
      [11, ['2 may']],
      [3, ['a pile']],
      [0, []],
    ]);
    const [helpless] = auditCases(
      { findings: [{ ...findings[2], severity: 'wrong' }], scope: 'x' } as never,
      [{ name: 'pile' }],
    );
    expect(helpless?.result).toMatchObject({ problems: [{ remedy: null }] });
  });
});
