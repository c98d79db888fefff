/** The exit status of the program; 128 plus the signal's number if a signal interrupted it. */
export const exitStatus = { asExpected: 0, contradicted: 1, couldNotRun: 2 } as const;

/** The exit status of a result, in the words of each command. Skipped scenarios have shown nothing. */
export const statusOf = {
  ...{ passed: 0, failed: 1, skipped: 2, errored: 2, interrupted: 2 },
  ...{ survives: 0, loses: 1, fails: 1, 'not decided': 2 },
  ...{ 'no race': 0, 'race possible': 1, 'not measured': 2 },
  ...{ free: 0, held: 1, forbidden: 1 },
  ...{ 'nothing is wrong': 0, wrong: 1 },
} as const;
