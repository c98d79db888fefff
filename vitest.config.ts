import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/sequence.ts';
import { SkipReporter } from './test/support/skip-reporter.ts';

const results = process.env['TEST_RESULTS'];

// Every Node that a test starts would read all these certificates: 40 ms of computing each, and none of them speaks TLS.
delete process.env['NODE_EXTRA_CA_CERTS'];

const quick = 'test/**/*.test.ts';
/** CI runs these as well. */
const longer = 'test/**/*.ci.ts';
const slow = 'test/**/*.slow.ts';
const byMode: Record<string, string[]> = { ci: [longer], all: [quick, longer, slow] };

export default defineConfig(({ mode }) => ({
  test: {
    include: byMode[mode] ?? [quick],
    globalSetup: ['test/support/build.ts', 'test/support/interpreter.ts', 'test/support/leave-nothing.ts'],
    setupFiles: ['test/support/end-programs.ts'],
    // Generous: these are real processes, and the machine may be busy.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Much of a test is waiting for processes; more at once would only wait for each other.
    pool: 'forks',
    maxWorkers: availableParallelism() * 3,
    maxConcurrency: availableParallelism() * 2,
    sequence: { sequencer: LongestFirst },
    reporters: [
      'default',
      new SkipReporter(),
      ...(results === undefined
        ? []
        : [['json', { outputFile: results }] as ['json', { outputFile: string }]]),
    ],
  },
}));
