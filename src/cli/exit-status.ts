import type { SuiteOutcome } from '../events.ts';

/** The exit status of the program; 128 plus the signal's number if a signal interrupted it. */
export const exitStatus = { asExpected: 0, contradicted: 1, couldNotRun: 2 } as const;

/** Scenarios that were all skipped have shown nothing. */
export function statusOfSuite(outcome: SuiteOutcome): number {
  if (outcome === 'passed') return exitStatus.asExpected;
  return outcome === 'failed' ? exitStatus.contradicted : exitStatus.couldNotRun;
}
