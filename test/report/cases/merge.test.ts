import { expect, test } from 'vitest';
import type { Case } from '../../../src/report/ci.ts';
import { mergeCases } from '../../../src/report/merge/cases.ts';
import { states, words } from './results.ts';

test('merge: hosts that differ and what is wrong are warnings, what cannot be read is an error', () => {
  const unread = { count: 0, first: [] as { from: string; reason: string }[] };
  const claim = (id: string, ...values: string[]) => ({
    ...{ id, claim: 'it is so' },
    findings: values.map((value, i) => ({ value, count: i + 1 })),
  });
  const document = {
    claims: [claim('C01', 'holds'), claim('C02', 'holds', 'refuted')],
    findings: [
      { kind: 'leak', wrong: 0 },
      { kind: 'pile', wrong: 2 },
    ],
    ...{ audits: 3, unread },
  };
  const cases = mergeCases(document as never);
  expect(cases.map(({ suite, name, warnings }) => [suite, name, warnings])).toEqual([
    ['claims', 'C01: it is so', []],
    ['claims', 'C02: it is so', ['hosts differ: holds on 1, refuted on 2']],
    ['audits', 'leak', []],
    ['audits', 'pile', ['wrong on 2 of 3']],
  ]);
  expect(new Set(states(cases))).toEqual(new Set(['passed']));
  expect(cases[0]).toMatchObject({ className: 'tcpclose.merge.claims', durationMs: null, facts: {} });
  const first = [
    { from: 'a.json', reason: 'no JSON' },
    { from: 'b.json', reason: 'empty' },
  ];
  const of = (count: number) => mergeCases({ ...document, unread: { count, first } } as never).at(-1);
  expect(of(2)).toEqual({
    ...{ suite: 'files', className: 'tcpclose.merge.files', durationMs: null, facts: {}, warnings: [] },
    ...{ name: 'every document can be read', title: 'every document can be read' },
    result: {
      state: 'errored',
      problems: [
        expect.objectContaining({
          ...{ message: '2 documents could not be read', type: 'unread' },
          text: 'a.json: no JSON\nb.json: empty',
        }),
      ],
    },
  });
  expect(words(of(1) === undefined ? [] : [of(1) as Case])).toEqual(['1 document could not be read']);
});
