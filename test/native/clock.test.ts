import { expect, test } from 'vitest';
import { monotonicMinus, monotonicMs, monotonicToOwn } from '../../src/native/clock.ts';

test('the difference of two clocks is that of readings between which the process kept its processor', () => {
  let reads = 0;
  const read = () => {
    const other = monotonicMs() - 1000;
    // All but one of the readings take long, as they do in a process that has to wait for a processor.
    if (++reads !== 2) for (const until = monotonicMs() + 100; monotonicMs() < until; );
    return other;
  };
  expect(Math.abs(monotonicMinus(read) - 1000)).toBeLessThan(45);
  expect(reads).toBeGreaterThan(2);
});

test("a time of CLOCK_MONOTONIC becomes one of the process's own clock", () => {
  const before = performance.now();
  const own = monotonicMs() + monotonicToOwn();
  const after = performance.now();
  // Between both readings, but for the precision of the comparison.
  expect(own).toBeGreaterThan(before - 1);
  expect(own).toBeLessThan(after + 1);
});
