import { expect } from 'vitest';

/** Half a second is what an age may be off, from the moments between which it began. */
export function expectAge(observed: number | undefined, atLeast: number, atMost: number): void {
  expect(observed).toBeGreaterThan(atLeast - 500);
  expect(observed).toBeLessThan(atMost + 500);
}
