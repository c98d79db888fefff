import { describe, expect, test } from 'vitest';
import { addressCases, cellGroups, optionNames } from '../../src/matrix/cells.ts';
import { compareClaims, comparedTally, comparedText } from '../../src/report/claims/compare.ts';
import type { ClaimsDocument } from '../../src/report/documents/claims.ts';
import { kernelDocumentOf, matrixOf } from '../../src/report/documents/kernel.ts';
import { type MatrixDocument, matrixDiffOf } from '../../src/report/documents/matrix.ts';
import { plain } from '../../src/report/paint.ts';

type Claim = ClaimsDocument['claims'][number];

const found = { under: null, refutedUnder: null, reason: null, evidence: [] };
const claim = (id: string, finding: Claim['finding'], reason: string | null = null): Claim => ({
  ...{ id, claim: `the claim ${id}`, ...found, finding, reason },
  ...{ scenarios: [], parts: [], cases: [] },
});
const environment = { kernel: '5.10.46', arch: 'x64', node: '20.20.2', user: 0 };
const ledger = (...claims: readonly Claim[]): ClaimsDocument => ({
  ...{ schemaVersion: 1, environment: null, claims },
  machine: { host: 'guest', kernel: '5.10.46', settings: {} },
});

const matrix: MatrixDocument = {
  schemaVersion: 1,
  environment,
  cells: cellGroups(addressCases).flatMap((group, i) =>
    optionNames.map((name, j) => ({
      ...{ ...group, new: name, observedState: group.remains },
      ...((i + j) % 3 === 0
        ? { bind: 'EADDRINUSE', listen: null }
        : { bind: 'ok', listen: (i + j) % 3 === 1 ? 'ok' : 'EADDRINUSE' }),
    })),
  ),
};
const kept = kernelDocumentOf({
  ...{ version: '5.10', origin: 'user-mode-linux 5.10um3 (bullseye)', matrix, counters: ['TW'] },
  claims: ledger(
    claim('C01', 'holds'),
    claim('C02', 'holds'),
    claim('C03', 'not decided', 'skipped'),
    claim('C05', 'holds'),
    {
      ...claim('C06', 'holds'),
      parts: [{ part: 'FIN', text: 'a FIN was sent', ...found, finding: 'holds' }],
      cases: [{ part: 'RST', text: 'a RST was sent', ...found, finding: 'holds' }],
    },
    claim('C99', 'holds'),
  ),
  suite: {
    schemaVersion: 1,
    outcome: 'passed',
    environment: null,
    scenarios: [],
    neverRun: 0,
    durationMs: 1,
  },
  demo: { scenario: 'server-first', outcome: 'passed', checks: 16, moved: {} },
});

describe('what is kept of a kernel', () => {
  test('has every cell of its table as it was measured', () => {
    const again = matrixOf(kept);
    expect(again.cells).toHaveLength(matrix.cells.length);
    expect(matrixDiffOf(matrix, again).differences).toEqual([]);
  });

  test('shows a cell that differs', () => {
    const [first, ...rest] = matrix.cells;
    const other = {
      ...matrix,
      cells: [{ ...first, bind: 'EACCES' } as (typeof matrix.cells)[number], ...rest],
    };
    expect(matrixDiffOf(matrixOf(kept), other).differences).toMatchObject([
      { before: 'bind EADDRINUSE', now: 'bind EACCES' },
    ]);
  });
});

describe('the findings of two kernels', () => {
  const known = { kernel: environment.kernel, origin: kept.origin, claims: kept.claims };
  const part = { part: 'FIN', text: 'a FIN is sent', ...found };
  const now = ledger(
    claim('C01', 'refuted'),
    claim('C02', 'holds'),
    claim('C03', 'holds'),
    claim('C04', 'holds'),
    claim('C05', 'not decided', 'no root'),
    {
      ...claim('C06', 'holds'),
      parts: [{ ...part, finding: 'refuted' }],
      cases: [{ ...part, part: 'RST', text: 'a RST is sent', finding: 'refuted' }],
    },
  );
  const compared = () => compareClaims(known, now);

  test('differ if both are decided, with different results', () => {
    expect(compared()).toMatchObject({ kernel: '5.10.46', origin: kept.origin });
    expect(compared().differences).toEqual([
      { id: 'C01', text: 'the claim C01', before: 'holds', now: 'refuted', reason: null },
      { id: 'C06/FIN', text: 'a FIN is sent', before: 'holds', now: 'refuted', reason: null },
      { id: 'C06/RST', text: 'a RST is sent', before: 'holds', now: 'refuted', reason: null },
    ]);
  });

  test('do not differ if one of them is not decided, which is reported separately, with the reason', () => {
    expect(compared().undecided).toMatchObject([
      { id: 'C03', before: 'not decided', now: 'holds', reason: 'skipped' },
      { id: 'C05', before: 'holds', now: 'not decided', reason: 'no root' },
    ]);
  });

  test('are of the claims that both have', () => {
    expect(compared().same).toBe(2);
    expect(comparedTally(compared(), '6.18')).toBe(
      '3 of 7 findings differ, and 2 more are decided on only one kernel: Linux 5.10.46 (user-mode-linux 5.10um3 (bullseye)) before, Linux 6.18 now',
    );
  });

  test('are printed with both findings, those that one has not decided at the end, with the reason', () => {
    const [first] = compared().differences;
    const [skipped] = compared().undecided;
    if (first === undefined || skipped === undefined) throw new Error('nothing differs');
    const paint = { ...plain, title: (text: string) => `*${text}*`, faint: (text: string) => `~${text}~` };
    const lines = (change: object) => comparedText({ ...compared(), ...change }, '6.18', paint);
    const of = (text: string) => [
      `*${text}*`,
      ...['     Linux 5.10.46: holds', '     Linux 6.18, here: refuted', ''],
    ];
    expect(lines({ differences: [first], undecided: [], same: 2 })).toEqual([
      ...of('C01  the claim C01'),
      '1 of 3 findings differ: Linux 5.10.46 (user-mode-linux 5.10um3 (bullseye))',
      'before, Linux 6.18 now',
    ]);
    expect(lines({ differences: [], undecided: [skipped] }).slice(0, 7)).toEqual([
      ...['Decided on one of the two kernels:', '', '*C03  the claim C03*'],
      ...['     Linux 5.10.46: not decided', '     Linux 6.18, here: holds', '~     skipped~', ''],
    ]);
    expect(lines({}).join(' ')).toContain('3 of 7 findings differ, and 2 more');
  });
});
