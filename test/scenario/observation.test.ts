import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/index.ts';
import { outcomeOf } from '../support/stories.ts';

// These need no peers.
const alone = { peers: 0 };

describe('a check without an observation is errored', () => {
  const nothing = {
    outcome: 'nothing-observed',
    contradicted: [],
    message: 'x: nothing was observed: look at the checks before it, and run it again',
  };

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d', async (number) => {
    const checks: ((expect: Context['expect']) => void)[] = [
      (expect) => expect.value('x', number).equals(number),
      (expect) => expect.value('x', number).isNot(1),
      (expect) => expect.value('x', number).between(0, 1),
      (expect) => expect.value('x', number).atLeast(0),
      (expect) => expect.value('x', number).atMost(0),
      (expect) => expect.value<number>('x', 1).atLeast(number),
      (expect) => expect.span('x', number).between(0, 1),
      (expect) => expect.span('x', number).atLeast(0),
      (expect) => expect.span('x', 1).atLeast(number),
      (expect) => expect.span('x', number).atMost(0),
      (expect) => expect.span('x', { leastMs: 0, mostMs: number }).atMost(1),
    ];
    for (const check of checks)
      expect(await outcomeOf(async ({ expect }) => check(expect), alone)).toEqual(nothing);
  });
});

describe('a span that looking has measured', () => {
  const span = { leastMs: 900, mostMs: 1100 };

  test.each([
    ['at least 0.9 s', 'passed', 900, Number.MAX_VALUE],
    ['at least 1 s', 'too-slow', 1000, Number.MAX_VALUE],
    ['at least 1.2 s', 'failed', 1200, Number.MAX_VALUE],
    ['at most 1.1 s', 'passed', 0, 1100],
    ['at most 1 s', 'too-slow', 0, 1000],
    ['at most 0.8 s', 'failed', 0, 800],
  ] as const)('0.9 to 1.1 s, expected %s: %s', async (_, expected, low, high) => {
    const { outcome } = await outcomeOf(
      async ({ expect }) => expect.span('x', span).between(low, high),
      alone,
    );
    expect(outcome).toBe(expected);
  });

  test.each([
    [{ leastMs: 800, mostMs: 900 }, 'passed'],
    [{ leastMs: 800, mostMs: 1000 }, 'too-slow'],
    [{ leastMs: 1101, mostMs: 1200 }, 'failed'],
  ])('beside a limit that was measured, too: %j, %s', async (limit, expected) => {
    const { outcome } = await outcomeOf(async ({ expect }) => expect.span('x', span).atLeast(limit), alone);
    expect(outcome).toBe(expected);
  });
});
