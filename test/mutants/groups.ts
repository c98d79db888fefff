/** What Stryker mutates, and the tests that must notice it: those that run in one process. A mutant runs with these alone. */
import { readdirSync } from 'node:fs';

export interface Group {
  readonly part: 'parsers' | 'decoders' | 'findings' | 'causes' | 'results for CI' | 'texts';
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

export const groups: readonly Group[] = [
  { part: 'parsers', files: ['src/observe/ss/parse.ts'], tests: tests('observe', 'ss', 'ss-lines') },
  { part: 'parsers', files: ['src/observe/netstat/parse.ts'], tests: ['test/observe/netstat.test.ts'] },
  { part: 'parsers', files: ['src/observe/proc/parse.ts'], tests: ['test/observe/proc.test.ts'] },
  {
    part: 'parsers',
    files: ['src/observe/counters/counters.ts'],
    tests: ['test/observe/counters-parsed.test.ts'],
  },
  {
    part: 'decoders',
    files: of('src/observe/packets', 'connections', 'figure', 'pcap', 'pcapng', 'segment'),
    tests: tests('observe/packets', 'capture-files', 'figure', 'recording', 'segment'),
  },
  {
    part: 'decoders',
    files: ['src/observe/packets/merge-trace.ts'],
    tests: testsIn('test/observe/packets/merge-trace'),
  },
  {
    part: 'decoders',
    files: of('src/observe/sock-diag', 'detail', 'table'),
    tests: ['test/observe/sock-diag.test.ts'],
  },
  { part: 'decoders', files: ['src/native/headers.ts'], tests: ['test/native/headers.test.ts'] },
  {
    part: 'decoders',
    files: of('src/native', 'sock-diag-message', 'tcp-open', 'tcp-quiet'),
    tests: ['test/native/sock-diag-message.test.ts'],
  },
  { part: 'findings', files: ['src/scenario/findings.ts'], tests: testsIn('test/scenario/findings') },
  {
    part: 'causes',
    files: [
      'src/restart/cause.ts',
      ...readdirSync('src/restart/causes').map((name) => `src/restart/causes/${name}`),
    ],
    tests: testsIn('test/restart/causes'),
  },
  {
    part: 'results for CI',
    files: [
      ...of('src/report', 'ci', 'github', 'json', 'junit', 'step-summary', 'tap'),
      ...of('src/report/markdown', 'cases', 'words'),
    ],
    tests: testsIn('test/report/ci'),
  },
  {
    part: 'results for CI',
    files: [
      ...[
        'audit',
        'claims',
        'doctor',
        'idle',
        'matrix',
        'merge',
        'restart',
        'run',
        'suite',
        'watch',
        'why',
      ].map((command) => `src/report/${command}/cases.ts`),
      ...['src/report/claims/decisive.ts', 'src/report/restart/words.ts', 'src/report/watch/outcome.ts'],
    ],
    tests: [...testsIn('test/report/cases'), ...tests('report', 'idle', 'restart-text')],
  },
  {
    part: 'texts',
    files: ['src/report/claims/compare.ts'],
    tests: ['test/report/compared-claims.test.ts'],
  },
  {
    part: 'texts',
    files: of('src/report/markdown', 'matrix', 'restart', 'run', 'run-diagrams', 'suite'),
    tests: [...testsIn('test/report/markdown'), ...tests('report', 'rendered')],
  },
  {
    part: 'texts',
    files: of('src/report/suite', 'results', 'tally', 'text'),
    tests: ['test/report/suite-text.test.ts'],
  },
  {
    part: 'texts',
    files: ['src/report/matrix/text.ts', 'src/report/claims/text.ts'],
    tests: [...testsIn('test/report/markdown'), ...tests('report', 'colors', 'rendered')],
  },
];

function of(folder: string, ...names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}.ts`);
}

function tests(folder: string, ...names: readonly string[]): string[] {
  return names.map((name) => `test/${folder}/${name}.test.ts`);
}

function testsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => `${folder}/${name}`);
}
