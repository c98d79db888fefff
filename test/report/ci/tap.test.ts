import { describe, expect, test } from 'vitest';
import { tap } from '../../../src/report/tap.ts';
import { all, caseOf, errorOf, passed, reportOf } from './reports.ts';

describe('TAP', () => {
  test('has the plan first, a numbered point for each case, and its facts below it', () => {
    expect(reportOf(tap, all)).toMatchInlineSnapshot(`
      "TAP version 14
      1..8
      ok 1 - close: orderly
      ok 2 - close: slow
      ok 3 - close: measured
        ---
        finding: "holds"
        port: 80
        seen:
          - at: 1
            by: "ss"
        ...
      ok 4 - close: no root # SKIP needs root \\# and <nft>
      not ok 5 - close: taken
      not ok 6 - close: broken
      not ok 7 - close: early
      ok 8 - close: warned
      "
    `);
  });

  test('bails out if results are missing, and gives the reason', () => {
    expect(reportOf(tap, [passed], { cutShort: 'Ctrl-C\nafter # 1' })).toMatch(
      /\nBail out! Ctrl-C after \\# 1\n$/,
    );
    expect(errorOf(tap, [])).toBe('TAP version 14\nBail out! the port is "in use"\n');
  });

  test('escapes what would be a directive', () => {
    const title = 'C:\\ # TODO';
    expect(reportOf(tap, [caseOf('x', { title })])).toContain('ok 1 - C:\\\\ \\# TODO\n');
  });
});
