import { expect, test } from 'vitest';
import { fuzz, targets } from './fuzz.ts';
import { type Growth, growthOf } from './growth.ts';
import { Random } from './random.ts';

const seed = Date.now() % 2 ** 32;

test.each(targets)(
  'whatever $name is, many thousand times, it is read or reported',
  { timeout: 600_000 },
  (target) => {
    const failures = fuzz(target, 5000, new Random(seed));
    expect(failures.map(({ wrong, input }) => ({ seed, wrong, input: input.toString('latin1') }))).toEqual(
      [],
    );
  },
);

test.each(targets)(
  'twice as much of $name takes at most three times as long',
  { timeout: 600_000 },
  (target) => {
    const random = new Random(seed);
    const growths = Array.from({ length: 5 }, () => growthOf(target, random));
    expect(growths.filter((growth): growth is Growth => growth !== null && growth.times > 3)).toEqual([]);
  },
);
