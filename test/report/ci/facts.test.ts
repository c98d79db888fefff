import { describe, expect, test } from 'vitest';
import { factLines } from '../../../src/report/ci.ts';

describe('facts', () => {
  test('are lines of YAML, those of a list each below its dash, and what is not known is left out', () => {
    expect(
      factLines({
        text: 'a "b"',
        count: 3,
        nothing: null,
        seen: [{ at: 1, by: 'ss', raw: null }, { at: 2 }],
        none: [],
        empty: [{ at: null }],
      }),
    ).toEqual(['text: "a \\"b\\""', 'count: 3', 'seen:', '  - at: 1', '    by: "ss"', '  - at: 2']);
  });
});
