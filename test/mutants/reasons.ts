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
    reason: 'no test has a socket that goes from FIN_WAIT2 or CLOSING to another state in the trace',
  },
  {
    file: trace,
    line: "if (state === 'FIN_WAIT2' && from === state)",
    reason: 'no test has a FIN_WAIT2 that was seen after CLOSING',
  },
  {
    file: trace,
    line: "opened.to !== 'SYN_SENT'",
    reason: 'no test has a socket that opens in another state and is closed in SYN_SENT',
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
    reason: 'no test has a full socket that opens in another state beside a request',
  },
  { file: trace, line: 'seen.at > since', mutator: 'EqualityOperator', reason: sameTime },
  {
    file: trace,
    line: 'seen.at > since',
    reason: 'no test has an opening in another state within that time',
  },
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
