import { describe, expect, test } from 'vitest';
import { linesOf, reportAtEnd } from '../../../src/report/ci.ts';
import { passed, skipped } from './reports.ts';

describe('a report of what is known at the end', () => {
  test('announces its cases, and gives lines, cases and the document in this order', () => {
    const heard: unknown[] = [];
    const hear =
      (name: string) =>
      (...of: unknown[]) =>
        void heard.push([name, ...of]);
    const reporter = {
      onBegin: hear('begin'),
      onLine: hear('line'),
      onCase: hear('case'),
      onEnd: hear('end'),
    };
    const document = { kind: 'doctor' };
    const outcome = { durationMs: 5, summary: null, cases: [passed, skipped], lines: [{ type: 'finished' }] };
    reportAtEnd(reporter as never, document, outcome);
    expect(heard).toEqual([
      ['begin', 2],
      ['line', { type: 'finished' }],
      ['case', passed],
      ['case', skipped],
      ['end', document, { durationMs: 5, summary: null, cutShort: null }],
    ]);
  });

  test('has a line for each part, with what all have in common, and one for the end', () => {
    expect(linesOf('claim', [{ id: 'C01' }, { id: 'C02' }], { version: 1 }, { holds: 2 })).toEqual([
      { type: 'claim', version: 1, id: 'C01' },
      { type: 'claim', version: 1, id: 'C02' },
      { type: 'finished', version: 1, holds: 2 },
    ]);
    expect(linesOf('claim', [], {})).toEqual([{ type: 'finished' }]);
  });
});
