/** Why a mutant survives: by its file and a piece of its line, and by what was changed where the line has several. */
export interface Reason {
  readonly file: string;
  readonly line: string;
  readonly mutator?: string;
  readonly reason: string;
}

const trace = 'src/observe/packets/merge-trace.ts';
const message = 'src/native/sock-diag-message.ts';
const sameAddress = 'the slower way gives the same address';

export const reasons: readonly Reason[] = [
  {
    file: trace,
    line: 'earliest(seen) > at)',
    reason: 'a change that may have happened at that very time is among those around it, which come first',
  },
  {
    file: trace,
    line: 'earliest(seen) <= closed.at',
    mutator: 'EqualityOperator',
    reason: 'it differs for a query that begins at the very nanosecond at which a connect is refused',
  },
  {
    file: trace,
    line: 'seen.at <= at)',
    mutator: 'EqualityOperator',
    reason: 'one with a trace at that time is not among those that polling opened',
  },
  ...['readBigUInt64BE(at) === 0n', 'rest === 0xffff', 'rest === 0 &&'].map((line) => ({
    ...{ file: message, line, reason: sameAddress },
  })),
  {
    file: 'src/report/github.ts',
    line: "summarise({ level: 'error'",
    reason: 'no test asks for the level of a summary that an error has',
  },
  {
    file: 'src/report/junit.ts',
    line: 'warnings: []',
    reason: 'no test asks for the warnings of an error, of which there are none',
  },
  {
    file: 'src/report/step-summary.ts',
    line: 'length > mostCharacters',
    reason: 'it differs for a summary of exactly that length, one below the limit of GitHub',
  },
];
