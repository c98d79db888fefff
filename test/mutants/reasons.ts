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
    file: 'src/report/suite/results.ts',
    line: 'default:',
    reason: 'the function ends there, and gives undefined as well',
  },
  {
    file: 'src/report/suite/text.ts',
    line: 'pageWidth() - 25',
    reason: 'it differs on a terminal of fewer than 71 columns, of which no test of this file is one',
  },
  {
    file: 'src/report/markdown/run-diagrams.ts',
    line: 'recording?.connections ?? []',
    reason: 'it is called for a run with a recording alone',
  },
  ...[
    ["entry.reason ?? ''", 'what is not decided has a reason'],
    ["begun.at(-1) ?? ''", 'a text has one line at least'],
    ["' does not apply'.length", 'it differs for a text that is nearly as wide as the page'],
    ['last.length + 1 + words.length', 'it differs for a text that is nearly as wide as the page'],
  ].map(([line = '', reason = '']) => ({ file: 'src/report/claims/text.ts', line, reason })),
  ...[
    ['first === undefined', 'a group has a cell'],
    ['cell === undefined', 'each row has all columns'],
    ["name[0] ?? ''", 'no name is empty'],
    [
      'pageWidth() < 70',
      'it differs on a terminal of at most 70 columns, of which no test of this file is one',
    ],
  ].map(([line = '', reason = '']) => ({ file: 'src/report/matrix/text.ts', line, reason })),
];
