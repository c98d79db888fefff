import { defineConfig } from 'vitest/config';
import { groups } from './groups.ts';

/** The tests of one group, which `npm run mutants` names; without it those of all. */
const named = process.env['MUTANTS_TESTS'];

export default defineConfig({
  test: {
    include: named === undefined ? groups.flatMap(({ tests }) => tests) : named.split(','),
    pool: 'threads',
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
});
