/** The exit status of the program; 128 and the signal's number if a signal interrupted it. */
export const exitStatus = { asExpected: 0, contradicted: 1, couldNotRun: 2 } as const;
