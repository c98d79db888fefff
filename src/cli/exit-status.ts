/** What the shell is told. 128 and the number of a signal where one interrupted. */
export const exitStatus = { asExpected: 0, contradicted: 1, couldNotRun: 2 } as const;
