import { describe, test } from 'vitest';
import { brief, comeOutAsExpected, dealt, observers, placeNames, whyNotIn } from '../support/catalogue.ts';
import { unless } from '../support/skips.ts';

// Those that take 5 s or more are in catalogue.slow.ts, for these places, too.
const elsewhere = placeNames.filter((name) => name !== '127.0.0.1');

describe.for(elsewhere)('each brief scenario comes out as expected on %s', (place) => {
  test.for(observers)('seen by %s', { timeout: 900_000, ...unless(whyNotIn(place)) }, async (observer) => {
    const scenarios = dealt(place, observer).filter((loaded) => brief.includes(loaded));
    await comeOutAsExpected(scenarios, place, observer);
  });
});
