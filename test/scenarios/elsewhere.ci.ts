import { describe, test } from 'vitest';
import { comeOutAsExpected, dealt, observers, placeNames, whyNotIn } from '../support/catalogue.ts';
import { unless } from '../support/skips.ts';

// A file of its own, beside catalogue.test.ts: both take minutes.
const elsewhere = placeNames.filter((name) => name !== '127.0.0.1');

describe.for(elsewhere)('every scenario comes out as expected on %s', (place) => {
  test.for(observers)('seen by %s', { timeout: 900_000, ...unless(whyNotIn(place)) }, async (observer) => {
    await comeOutAsExpected(dealt(place, observer), place, observer);
  });
});
