import { expect, test } from 'vitest';
import type { Moments } from '../../src/restart/load/account.ts';
import { outageOf } from '../../src/restart/outage.ts';

const answeredAt = (answers: number | null) => ({ moments: { answers } as Moments });

test.each([
  ['without a load: until a client was accepted', 1960, null, 960],
  ['a request was answered before that', 1960, answeredAt(1596), 596],
  ['a request was answered after that', 1500, answeredAt(1596), 500],
  ['no request was answered', 1960, answeredAt(null), 960],
])('%s', (_, acceptedAt, load, outage) => {
  expect(outageOf(acceptedAt, load, 1000)).toBe(outage);
});
