/** Why a mutant survives: by its file and a piece of its line, and by what was changed where the line has several. */
export interface Reason {
  readonly file: string;
  readonly line: string;
  readonly mutator?: string;
  readonly reason: string;
}

const trace = 'src/observe/packets/merge-trace.ts';
const sameTime = 'it differs for two events at the same nanosecond, which were not recorded';

export const reasons: readonly Reason[] = [
  ...['asked.find((seen) => seen.at >= at)', 'earliest(next) > at', 'at <= earliest(seen)'].map((line) => ({
    ...{ file: trace, line, mutator: 'EqualityOperator', reason: sameTime },
  })),
  { file: trace, line: 'const state = next', mutator: 'EqualityOperator', reason: sameTime },
  {
    file: trace,
    line: 'const state = next',
    reason: 'no test has a trace that goes on after the last query of a side that was never asked',
  },
  {
    file: trace,
    line: 'change.to === null ? smallSocketAfter',
    reason: 'only a socket that closes leaves FIN_WAIT2 or CLOSING for another kind of socket',
  },
  {
    file: trace,
    line: "if (state === 'FIN_WAIT2' && from === state)",
    reason: 'no test has a FIN_WAIT2 that was seen after CLOSING, which the protocol excludes',
  },
  {
    file: trace,
    line: "opened.to !== 'SYN_SENT'",
    reason: 'a socket that opens in another state is not closed in SYN_SENT, which the next line asks for',
  },
  { file: trace, line: 'refusedWithinMs)', mutator: 'EqualityOperator', reason: sameTime },
  {
    file: trace,
    line: "seen.to === 'SYN_SENT' && earliest(seen)",
    mutator: 'EqualityOperator',
    reason: sameTime,
  },
  {
    file: trace,
    line: "seen.to === 'SYN_SENT' && earliest(seen)",
    reason: 'no test asks for another state within the 10 microseconds of a refused connect',
  },
  {
    file: trace,
    line: "to !== 'SYN_RECV'",
    reason: 'a full socket that opens in another state has no request that was seen in that state',
  },
  { file: trace, line: 'seen.at > since', mutator: 'EqualityOperator', reason: sameTime },
  {
    file: trace,
    line: 'seen.at > since',
    reason: 'what was seen to open is a request in each recorded trace with a listener',
  },
  {
    file: 'src/report/github.ts',
    line: "summarise({ level: 'error'",
    reason: 'a summary without cases has no level of its own in the page: its text is all that is shown',
  },
  {
    file: 'src/report/junit.ts',
    line: 'warnings: []',
    reason: 'an error has no warnings, and JUnit has no place for those of a case that failed',
  },
  {
    file: 'src/report/step-summary.ts',
    line: 'length > mostCharacters',
    reason: 'it differs for a summary of exactly that length, one below the limit of GitHub',
  },
];
