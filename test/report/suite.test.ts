import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import type { Check, Outcome, SuiteEvent } from '../../src/events.ts';
import { problem } from '../../src/report/ci.ts';
import { escapeXml } from '../../src/report/junit.ts';
import type { ReporterName } from '../../src/report/reporters.ts';
import { reportSuite } from '../../src/report/suite/report.ts';
import { junitErrors } from '../support/junit.ts';
import { written } from '../support/reports.ts';

const failed: Check = {
  title: 'server <side>',
  expected: 'TIME_WAIT & nobody',
  observed: '"ESTABLISHED"',
  verdict: 'contradicted',
  note: null,
  bearings: [],
  raw: 'State\u0007 <raw> & text ]]>',
  location: { file: 'scenarios/mine, too.ts', line: 12 },
};

function suiteOf(outcomes: readonly Outcome[]): SuiteEvent[] {
  const members = outcomes.map((_, i) => ({
    name: `case-${i}`,
    topic: 'topic # 1',
    round: 1,
    takesMs: 1000,
  }));
  return [
    { type: 'suite started', scenarios: members },
    ...outcomes.flatMap((outcome, i): SuiteEvent[] => {
      const of = { type: 'of scenario', scenario: `case-${i}`, topic: 'topic # 1', round: 1 } as const;
      return [
        { ...of, event: { type: 'check', check: failed, at: 0 } },
        { ...of, event: { type: 'run finished', outcome, durationMs: 1234 } },
      ];
    }),
    { type: 'suite finished', outcome: 'failed', durationMs: 5000 },
  ];
}

const outcomes: readonly Outcome[] = [
  { state: 'passed' },
  { state: 'failed' },
  { state: 'failed', reason: 'no namespace' },
  { state: 'skipped', reason: 'no <namespace>\nhere' },
  { state: 'errored', error: new Error('a & b') },
  { state: 'interrupted', reason: 'SIGINT' },
];

function reported(name: ReporterName, of = outcomes): Promise<string> {
  return written(name, 'test', (reporter) => suiteOf(of).forEach(reportSuite(reporter)));
}

describe('every outcome', () => {
  test('is XML in junit, whatever the texts hold', async () => {
    const xml = await reported('junit');
    expect(XMLValidator.validate(xml)).toBe(true);
    const { testsuites } = new XMLParser({ ignoreAttributes: false, trimValues: false }).parse(xml);
    expect(testsuites).toMatchObject({
      '@_tests': '6',
      '@_failures': '2',
      '@_errors': '2',
      testsuite: { '@_skipped': '1' },
    });
    expect(junitErrors(xml)).toEqual([]);
    const cases = testsuites.testsuite.testcase;
    expect(cases[1].failure['@_message']).toBe(
      'server <side>: expected TIME_WAIT & nobody, observed "ESTABLISHED"',
    );
    expect(cases[1].failure['#text']).toBe('at scenarios/mine, too.ts:12\nState? <raw> & text ]]>');
    expect(cases[3].skipped['@_message']).toContain('no <namespace>');
    expect(cases[4].error['@_message']).toBe('a & b');
  });

  test('is printed as tap', async () => {
    const lines = (await reported('tap')).split('\n');
    const points = lines.filter((line) => /^(not )?ok /.test(line));
    expect(points).toEqual([
      'ok 1 - topic \\# 1/case-0',
      'not ok 2 - topic \\# 1/case-1',
      'not ok 3 - topic \\# 1/case-2',
      'ok 4 - topic \\# 1/case-3 # SKIP no <namespace> here',
      'not ok 5 - topic \\# 1/case-4',
      'not ok 6 - topic \\# 1/case-5',
    ]);
    expect(lines).toContain('      observed: "\\"ESTABLISHED\\""');
    expect(lines).toContain('      at: "scenarios/mine, too.ts:12"');
  });

  test('is an annotation on github, beside the line that was contradicted', async () => {
    const lines = (await reported('github')).trimEnd().split('\n');
    expect(lines[0]).toBe(
      '::error file=scenarios/mine%2C too.ts,line=12,title=tcpclose test%3A topic # 1/case-1::' +
        'server <side>: expected TIME_WAIT & nobody, observed "ESTABLISHED" (scenarios/mine, too.ts:12)',
    );
    expect(lines.slice(2, 4)).toEqual([
      '::error title=tcpclose test%3A topic # 1/case-4::a & b',
      '::warning title=tcpclose test%3A topic # 1/case-5::interrupted: SIGINT',
    ]);
    expect(lines.at(-1)).toMatch(/^::error title=tcpclose test::1 passed, 2 failed, 1 errored, /);
    expect(lines).toHaveLength(5);
  });
});

describe('an error that ends a command', () => {
  const error = problem('the command ended: see above', { type: 'command-failed', text: 'no <such> module' });
  const broken = (name: ReporterName) => written(name, 'restart', (reporter) => reporter.onError(error));

  test('is an error in junit, with what was printed', async () => {
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(await broken('junit'));
    expect(testsuites).toMatchObject({ '@_tests': '1', '@_errors': '1', '@_failures': '0' });
    expect(testsuites.testsuite.testcase.error).toEqual({
      '@_type': 'command-failed',
      '@_message': 'the command ended: see above',
      '#text': 'no <such> module',
    });
  });

  test.each([
    ['tap', 'TAP version 14\nBail out! the command ended: see above\n'],
    ['github', '::error title=tcpclose restart::command-failed: the command ended: see above\n'],
    [
      'ndjson',
      '{"type":"error","schemaVersion":1,"code":"command-failed","message":"the command ended: see above"}\n',
    ],
    ['json', ''],
  ] as const)('is reported in %s: %j', async (name, text) => {
    expect(await broken(name)).toBe(text);
  });
});

test('what XML cannot hold is replaced', () => {
  expect(escapeXml('a\u0000b\uffff\ud800c')).toBe('a?b??c');
  expect(escapeXml('<&">\n')).toBe('&lt;&amp;&quot;&gt;\n');
});
