import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import type { Check, Outcome, SuiteEvent } from '../../src/events.ts';
import { Junit } from '../../src/report/suite/junit.ts';
import { Tap } from '../../src/report/suite/tap.ts';
import { escapeXml } from '../../src/report/xml.ts';

const failed: Check = {
  title: 'server <side>',
  expected: 'TIME_WAIT & nobody',
  observed: '"ESTABLISHED"',
  verdict: 'contradicted',
  note: null,
  bearings: [],
  raw: 'State\u0007 <raw> & text ]]>',
  location: null,
};

function suiteOf(outcomes: readonly Outcome[]): SuiteEvent[] {
  const members = outcomes.map((_, i) => ({ name: `case-${i}`, topic: 'topic # 1', round: 1 }));
  return [
    { type: 'suite started', scenarios: members },
    ...outcomes.flatMap((outcome, i): SuiteEvent[] => {
      const of = { type: 'of scenario', scenario: `case-${i}`, topic: 'topic # 1', round: 1 } as const;
      return [
        { ...of, event: { type: 'check', check: failed } },
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

function written(create: (output: { write(text: string): void }) => { on(event: SuiteEvent): void }): string {
  let text = '';
  const reporter = create({
    write: (more) => {
      text += more;
    },
  });
  for (const event of suiteOf(outcomes)) reporter.on(event);
  return text;
}

describe('every outcome', () => {
  test('is XML in junit, whatever the texts hold', () => {
    const xml = written((output) => new Junit(output));
    expect(XMLValidator.validate(xml)).toBe(true);
    const { testsuites } = new XMLParser({ ignoreAttributes: false, trimValues: false }).parse(xml);
    expect(testsuites).toMatchObject({
      '@_tests': '6',
      '@_failures': '2',
      '@_errors': '2',
      '@_skipped': '1',
    });
    const cases = testsuites.testsuite.testcase;
    expect(cases[1].failure['@_message']).toBe(
      'server <side>: expected TIME_WAIT & nobody, observed "ESTABLISHED"',
    );
    expect(cases[1].failure['#text']).toBe('State? <raw> & text ]]>');
    expect(cases[3].skipped['@_message']).toContain('no <namespace>');
    expect(cases[4].error['@_message']).toBe('a & b');
  });

  test('is told in tap', () => {
    const lines = written((output) => new Tap(output)).split('\n');
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
  });
});

test('what XML cannot hold is replaced', () => {
  expect(escapeXml('a\u0000b\uffff\ud800c')).toBe('a?b??c');
  expect(escapeXml('<&">\n')).toBe('&lt;&amp;&quot;&gt;\n');
});
