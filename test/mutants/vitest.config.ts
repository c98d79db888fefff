import { defineConfig } from 'vitest/config';

/** The tests of what runs in one process, and starts nothing: each mutant of it is run with those that reach it. */
export default defineConfig({
  test: {
    include: [
      'test/observe/{ss,netstat,proc}.test.ts',
      'test/observe/packets/{segment,recording,merge-trace,figure,capture-files}.test.ts',
      'test/observe/counters-parsed.test.ts',
      'test/scenario/findings.test.ts',
      'test/restart/cause.test.ts',
      'test/native/{headers,sock-diag-message}.test.ts',
      'test/report/{ci,rendered,cases,markdown,suite,restart-text,colors,compared-claims,idle}.test.ts',
      'test/observe/sock-diag.test.ts',
    ],
    pool: 'threads',
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
});
