import { expect, test } from 'vitest';
import { formatSpan } from '../src/time.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_990, '59 s'],
  [125_000, '2 min 5 s'],
  [Number.NaN, 'an unknown time'],
  [Number.POSITIVE_INFINITY, 'an unknown time'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});
