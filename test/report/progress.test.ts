import { expect, test } from 'vitest';
import { clockText } from '../../src/report/progress.ts';

// The line is replaced every 250 ms, and its frames move meanwhile.
test.each([
  ['a timer', { type: 'left', ms: 1000 }, 700, '300 ms left'],
  ['a timer that ends before the next refresh', { type: 'left', ms: 1000 }, 999.7, ''],
  ['a limit', { type: 'at most', ms: 60_000 }, 10_000, 'at most 50 s left'],
  ['a limit that ends before the next refresh', { type: 'at most', ms: 60_000 }, 59_999.8, ''],
] as const)('the remaining time of %s', (_, clock, goneMs, text) => {
  expect(clockText(clock, goneMs)).toBe(text);
});
