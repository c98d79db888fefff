import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // Generous: these are real processes, and the machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
