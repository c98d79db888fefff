import { expect, test } from 'vitest';
import { doctorCases } from '../../../src/report/doctor/cases.ts';
import { states, words } from './results.ts';

test('doctor: missing things are skipped, with the features that need them', () => {
  const check = { name: 'ss', state: 'available', detail: 'iproute2', costs: 'slower looks' };
  const groups = [
    { title: 'programs', checks: [check, { ...check, state: 'missing', detail: 'not found' }] },
  ];
  const cases = doctorCases({ groups } as never);
  expect(cases[0]).toEqual({
    ...{ suite: 'programs', className: 'tcpclose.doctor', name: 'ss', title: 'programs: ss' },
    ...{ durationMs: null, result: { state: 'passed', remark: null }, warnings: [] },
    facts: { state: 'available', detail: 'iproute2' },
  });
  expect(states(cases)).toEqual(['passed', 'skipped']);
  expect(words(cases)).toEqual([null, 'missing: not found; without it: slower looks']);
});
