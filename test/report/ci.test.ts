import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Case, factLines, linesOf, problem, reportAtEnd } from '../../src/report/ci.ts';
import { github } from '../../src/report/github.ts';
import { json, ndjson } from '../../src/report/json.ts';
import { escapeXml, junit } from '../../src/report/junit.ts';
import { casesMarkdown } from '../../src/report/markdown/cases.ts';
import { escaped, paragraphs, verbatim } from '../../src/report/markdown/words.ts';
import type { Ending, Reporter, ReporterContext } from '../../src/report/reporter.ts';
import { tap } from '../../src/report/tap.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What each reporter of results writes, word for word. That the commands give it their results is shown by test/cli/reporters.ci.ts.
function caseOf(name: string, rest: Partial<Case> = {}): Case {
  const result = { state: 'passed', remark: null } as const;
  return {
    ...{ suite: 'close', className: 'tcpclose.close', name, title: `close: ${name}` },
    ...{ durationMs: null, result, facts: {}, warnings: [] },
    ...rest,
  };
}

const refused = problem('the port is "in use"', {
  type: 'port-taken',
  remedy: 'choose another port',
  text: 'bind: EADDRINUSE\nof <nginx>',
  location: { file: 'scenarios/a,b.ts', line: 7 },
});

const passed = caseOf('orderly', { durationMs: 1500 });
const remarked = caseOf('slow', { result: { state: 'passed', remark: 'took 100 %' } });
const withFacts = caseOf('measured', {
  facts: { finding: 'holds', port: 80, under: null, seen: [{ at: 1, by: 'ss' }] },
});
const skipped = caseOf('no root', {
  suite: 'lost',
  result: { state: 'skipped', reason: 'needs root # and <nft>' },
});
const failed = caseOf('taken', {
  durationMs: 250,
  result: { state: 'failed', problems: [refused, problem('and again')] },
});
const errored = caseOf('broken', { result: { state: 'errored', problems: [problem('no peer')] } });
const undecided = caseOf('early', {
  result: { state: 'undecided', problems: [problem('too slow', { text: 'to see' })] },
});
const warned = caseOf('warned', { warnings: ['a name\nof two lines', 'left a file'] });
const all = [passed, remarked, withFacts, skipped, failed, errored, undecided, warned];

const ending: Ending = { durationMs: 2345, summary: null, cutShort: null };

/** What it writes of a run with these cases. */
function written(
  create: (context: ReporterContext) => Reporter,
  feed: (reporter: Required<Reporter>) => void,
): string {
  const parts: string[] = [];
  const reporter = create({
    command: 'test',
    output: { write: (part) => void parts.push(part) },
    paint: undefined as never,
    progress: 'none',
  });
  const nothing = () => {};
  feed({
    ...{
      onBegin: nothing,
      onEvent: nothing,
      onLine: nothing,
      onCase: nothing,
      onEnd: nothing,
      onError: nothing,
    },
    ...reporter,
  });
  return parts.join('');
}

const reportOf = (
  create: (context: ReporterContext) => Reporter,
  cases: readonly Case[],
  rest: Partial<Ending> = {},
) =>
  written(create, (reporter) => {
    reporter.onBegin(cases.length);
    for (const one of cases) reporter.onCase(one);
    reporter.onEnd({}, { ...ending, ...rest });
  });

const errorOf = (create: (context: ReporterContext) => Reporter, cases: readonly Case[]) =>
  written(create, (reporter) => {
    for (const one of cases) reporter.onCase(one);
    reporter.onError(refused);
  });

describe('facts', () => {
  test('are lines of YAML, those of a list each below its dash, and what is not known is left out', () => {
    expect(
      factLines({
        text: 'a "b"',
        count: 3,
        nothing: null,
        seen: [{ at: 1, by: 'ss', raw: null }, { at: 2 }],
        none: [],
        empty: [{ at: null }],
      }),
    ).toEqual(['text: "a \\"b\\""', 'count: 3', 'seen:', '  - at: 1', '    by: "ss"', '  - at: 2']);
  });
});

describe('a report of what is known at the end', () => {
  test('announces its cases, and gives lines, cases and the document in this order', () => {
    const heard: unknown[] = [];
    const hear =
      (name: string) =>
      (...of: unknown[]) =>
        void heard.push([name, ...of]);
    const reporter = {
      onBegin: hear('begin'),
      onLine: hear('line'),
      onCase: hear('case'),
      onEnd: hear('end'),
    };
    const document = { kind: 'doctor' };
    const outcome = { durationMs: 5, summary: null, cases: [passed, skipped], lines: [{ type: 'finished' }] };
    reportAtEnd(reporter as never, document, outcome);
    expect(heard).toEqual([
      ['begin', 2],
      ['line', { type: 'finished' }],
      ['case', passed],
      ['case', skipped],
      ['end', document, { durationMs: 5, summary: null, cutShort: null }],
    ]);
  });

  test('has a line for each part, with what all have in common, and one for the end', () => {
    expect(linesOf('claim', [{ id: 'C01' }, { id: 'C02' }], { version: 1 }, { holds: 2 })).toEqual([
      { type: 'claim', version: 1, id: 'C01' },
      { type: 'claim', version: 1, id: 'C02' },
      { type: 'finished', version: 1, holds: 2 },
    ]);
    expect(linesOf('claim', [], {})).toEqual([{ type: 'finished' }]);
  });
});

describe('JUnit', () => {
  test('has a suite for each group with its counts, and each result in its own words', () => {
    expect(reportOf(junit, all)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="tcpclose test" tests="8" failures="1" errors="2" time="2.345">
        <testsuite name="close" tests="7" failures="1" errors="2" skipped="0" time="1.750">
          <testcase classname="tcpclose.close" name="orderly" time="1.500"/>
          <testcase classname="tcpclose.close" name="slow"/>
          <testcase classname="tcpclose.close" name="measured">
            <system-out>finding: &quot;holds&quot;
      port: 80
      seen:
        - at: 1
          by: &quot;ss&quot;</system-out>
          </testcase>
          <testcase classname="tcpclose.close" name="taken" time="0.250">
            <failure type="port-taken" message="the port is &quot;in use&quot;">at scenarios/a,b.ts:7
      Remedy: choose another port
      bind: EADDRINUSE
      of &lt;nginx&gt;</failure>
            <failure message="and again"/>
          </testcase>
          <testcase classname="tcpclose.close" name="broken">
            <error message="no peer"/>
          </testcase>
          <testcase classname="tcpclose.close" name="early">
            <error message="too slow">to see</error>
          </testcase>
          <testcase classname="tcpclose.close" name="warned"/>
        </testsuite>
        <testsuite name="lost" tests="1" failures="0" errors="0" skipped="1" time="0.000">
          <testcase classname="tcpclose.close" name="no root">
            <skipped message="needs root # and &lt;nft&gt;"/>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  test('has the error that ended the run as a case, behind those that came before', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValueOnce(1000).mockReturnValueOnce(4250);
    onTestFinished(() => clock.mockRestore());
    expect(errorOf(junit, [passed])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="tcpclose test" tests="2" failures="0" errors="1" time="3.250">
        <testsuite name="close" tests="1" failures="0" errors="0" skipped="0" time="1.500">
          <testcase classname="tcpclose.close" name="orderly" time="1.500"/>
        </testsuite>
        <testsuite name="tcpclose test" tests="1" failures="0" errors="1" skipped="0" time="3.250">
          <testcase classname="tcpclose.test" name="tcpclose test" time="3.250">
            <error type="port-taken" message="the port is &quot;in use&quot;">at scenarios/a,b.ts:7
      Remedy: choose another port
      bind: EADDRINUSE
      of &lt;nginx&gt;</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  test('repeats no remedy that the text has', () => {
    const own = problem('no', { remedy: 'wait', text: 'wait a minute' });
    const report = reportOf(junit, [caseOf('x', { result: { state: 'failed', problems: [own] } })]);
    expect(report).toContain('<failure message="no">wait a minute</failure>');
  });

  test('ends with the remedy if nothing else is known', () => {
    const own = problem('no', { remedy: 'wait' });
    const report = reportOf(junit, [caseOf('x', { result: { state: 'failed', problems: [own] } })]);
    expect(report).toContain('<failure message="no">Remedy: wait</failure>');
  });

  test('holds what XML cannot, as question marks', () => {
    expect(escapeXml('<a href="&">')).toBe('&lt;a href=&quot;&amp;&quot;&gt;');
    expect(escapeXml('a\u0000b\u001b[1m\ud800 \ufffe \t\n\r é 😀')).toBe('a?b?[1m? ? \t\n\r é 😀');
  });
});

describe('TAP', () => {
  test('has the plan first, a numbered point for each case, and its facts below it', () => {
    expect(reportOf(tap, all)).toMatchInlineSnapshot(`
      "TAP version 14
      1..8
      ok 1 - close: orderly
      ok 2 - close: slow
      ok 3 - close: measured
        ---
        finding: "holds"
        port: 80
        seen:
          - at: 1
            by: "ss"
        ...
      ok 4 - close: no root # SKIP needs root \\# and <nft>
      not ok 5 - close: taken
      not ok 6 - close: broken
      not ok 7 - close: early
      ok 8 - close: warned
      "
    `);
  });

  test('bails out if results are missing, and gives the reason', () => {
    expect(reportOf(tap, [passed], { cutShort: 'Ctrl-C\nafter # 1' })).toMatch(
      /\nBail out! Ctrl-C after \\# 1\n$/,
    );
    expect(errorOf(tap, [])).toBe('TAP version 14\nBail out! the port is "in use"\n');
  });

  test('escapes what would be a directive', () => {
    const title = 'C:\\ # TODO';
    expect(reportOf(tap, [caseOf('x', { title })])).toContain('ok 1 - C:\\\\ \\# TODO\n');
  });
});

describe('GitHub', () => {
  afterEach(() => vi.unstubAllEnvs());
  const folder = temporaryFolder('ci');

  let pages = 0;

  /** The annotations, and the page of the run. */
  function onGitHub(report: () => string, file = join(folder, `${++pages}.md`)): [string, string] {
    vi.stubEnv('GITHUB_STEP_SUMMARY', file);
    const annotations = report();
    return [annotations, readFileSync(file, 'utf8')];
  }

  test('annotates remarks, problems at their lines, and warnings, and sums up', () => {
    const summary = { level: 'error', text: '1 of 8 failed: 100%' } as const;
    const [annotations, page] = onGitHub(() => reportOf(github, all, { summary }));
    expect(annotations).toMatchInlineSnapshot(`
      "::notice title=tcpclose test%3A close%3A slow::took 100 %25
      ::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test%3A close%3A taken::port-taken: the port is "in use" Remedy: choose another port (scenarios/a,b.ts:7)%0Aand again
      ::error title=tcpclose test%3A close%3A broken::no peer
      ::warning title=tcpclose test%3A close%3A early::too slow
      ::warning title=tcpclose test%3A close%3A warned::a name%0Aof two lines
      ::warning title=tcpclose test%3A close%3A warned::left a file
      ::error title=tcpclose test::1 of 8 failed: 100%25
      "
    `);
    expect(page).toMatchInlineSnapshot(`
      "### tcpclose test

      1 of 8 failed: 100%

      4 passed, 1 skipped, 1 failed, 1 errored, 1 undecided

      |  | case | result |
      | --- | --- | --- |
      | ✔ | close: orderly | passed |
      | ✔ | close: slow | took 100 % |
      | ✔ | close: measured | passed |
      | – | close: no root | skipped: needs root # and \\<nft\\> |
      | ✖ | close: taken | the port is "in use"; and again |
      | ✖ | close: broken | no peer |
      | ? | close: early | too slow |
      | ✔ | close: warned | passed; warning: a name of two lines; warning: left a file |

      **close: taken**

      at scenarios/a,b.ts:7

      Remedy: choose another port

      \`\`\`text
      bind: EADDRINUSE
      of <nginx>
      \`\`\`

      **close: early**

      \`\`\`text
      to see
      \`\`\`

      "
    `);
  });

  test('annotates the error that ended the run, and sums up with it', () => {
    const [annotations, page] = onGitHub(() => errorOf(github, [passed]));
    expect(annotations).toMatchInlineSnapshot(`
      "::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test::port-taken: the port is "in use" Remedy: choose another port (scenarios/a,b.ts:7)
      "
    `);
    expect(page).toMatch(/^### tcpclose test\n\nthe port is "in use"\n\n1 passed\n/);
  });

  test('annotates the line of the first problem that has a line, and keeps the message on one line', () => {
    const located = { ...refused, type: null, remedy: null, message: 'a\r\nb' };
    const one = caseOf('x', { result: { state: 'failed', problems: [problem('first'), located] } });
    expect(onGitHub(() => reportOf(github, [one]))[0]).toBe(
      '::error file=scenarios/a%2Cb.ts,line=7,title=tcpclose test%3A close%3A x::first%0Aa%0D%0Ab (scenarios/a,b.ts:7)\n',
    );
  });

  test('does not annotate a run without problems, and lists it on its page', () => {
    const [annotations, page] = onGitHub(() => reportOf(github, [passed]));
    expect(annotations).toBe('');
    expect(page).toBe(
      '### tcpclose test\n\n1 passed\n\n|  | case | result |\n| --- | --- | --- |\n| ✔ | close: orderly | passed |\n\n',
    );
  });

  test('warns if the page of the run cannot be written, and writes nothing if GitHub names no page', () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'missing', 'page.md'));
    expect(reportOf(github, [passed])).toMatch(
      /^::warning title=tcpclose test::the step summary cannot be written \(.*ENOENT.*\)\n$/,
    );
    vi.stubEnv('GITHUB_STEP_SUMMARY', '');
    expect(reportOf(github, [passed])).toBe('');
    vi.stubEnv('GITHUB_STEP_SUMMARY', undefined);
    expect(reportOf(github, [passed])).toBe('');
  });

  test('cuts off a page that GitHub would not take, between lines', () => {
    const pageWith = (text: string) =>
      onGitHub(() =>
        reportOf(github, [
          caseOf('long', { result: { state: 'failed', problems: [problem('x', { text })] } }),
        ]),
      )[1];
    const page = pageWith(`${'x'.repeat(99)}\n`.repeat(11_000));
    expect(page.length).toBeLessThan(1_000_100);
    expect(page.length).toBeGreaterThan(999_800);
    expect(page).toMatch(/\nx{99}\n\nThe rest is not shown: it is too long\.\n\n$/);
    // Its limit is one of bytes, and what just reaches it is shown.
    const whole = 1_000_000 - Buffer.byteLength(pageWith('x')) + 1;
    const isCut = (text: string) => pageWith(text).includes('The rest is not shown');
    expect([whole, whole + 1].map((size) => isCut('x'.repeat(size)))).toEqual([false, true]);
    expect(isCut('é'.repeat(300_000))).toBe(false);
    expect(isCut('é'.repeat(500_000))).toBe(true);
  });

  test('adds to a page that an earlier step has begun', () => {
    const file = join(folder, 'twice.md');
    onGitHub(() => reportOf(github, [passed]), file);
    expect(onGitHub(() => reportOf(github, [passed]), file)[1].match(/### tcpclose test/g)).toHaveLength(2);
  });
});

describe('Markdown of results', () => {
  const many = (count: number, one: Case) => Array.from({ length: count }, () => one);

  test('lists up to 30 of them, and of more only those that did not pass', () => {
    const rows = (cases: readonly Case[]) =>
      casesMarkdown(cases).filter((line) => line.startsWith('| ✔')).length;
    expect(rows(many(30, passed))).toBe(30);
    expect(rows(many(31, passed))).toBe(0);
    expect(casesMarkdown([...many(31, passed), skipped])).toEqual([
      '31 passed, 1 skipped',
      '',
      '|  | case | result |',
      '| --- | --- | --- |',
      '| – | close: no root | skipped: needs root # and \\<nft\\> |',
      '',
    ]);
  });

  test('lists at most 200, and counts the others', () => {
    expect(casesMarkdown(many(201, skipped)).slice(-2)).toEqual(['1 more are not shown.', '']);
    expect(casesMarkdown(many(200, skipped)).filter((line) => line.startsWith('| –'))).toHaveLength(200);
    expect(casesMarkdown(many(200, skipped)).at(-2)).toMatch(/^\| –/);
  });

  test('says that there is nothing', () => {
    expect(casesMarkdown([])).toEqual(['no results', '']);
  });

  test('has no heading for a problem that only repeats the table', () => {
    expect(casesMarkdown([errored]).at(-2)).toBe('| ✖ | close: broken | no peer |');
  });
});

describe('text of a run in Markdown', () => {
  test.each([
    ['*a* `b` [c] <d> ~e~ $f$ g|h \\', '\\*a\\* \\`b\\` \\[c\\] \\<d\\> \\~e\\~ \\$f\\$ g\\|h \\\\'],
    ['_a_ and a_b', '\\_a\\_ and a_b'],
    ['# no heading', '\\# no heading'],
    ['fixes #12, not # or a#b', 'fixes \\#12, not # or a#b'],
    ['a & b', 'a &amp; b'],
    ['two \n  lines\n\nand\nmore', 'two lines and more'],
    ['http://a https://b FTP://c x://d', 'http\\://a https\\://b FTP\\://c x://d'],
    ['www.a and WWW.b', 'www\\.a and WWW\\.b'],
    ['ask @nobody', 'ask \\@nobody'],
  ])('is only ever text: %j', (text, markdown) => {
    expect(escaped(text)).toBe(markdown);
  });

  test('is word for word between fences longer than any in it', () => {
    expect(verbatim('a\n  b\n\n')).toEqual(['```text', 'a', '  b', '```', '']);
    expect(verbatim('a ``` b ` ```` c', 'sh')).toEqual(['`````sh', 'a ``` b ` ```` c', '`````', '']);
  });

  test('is in paragraphs, and its code in blocks of its own', () => {
    expect(paragraphs('set it:\n\n    a_b = *1*\n\nand *wait*')).toEqual([
      'set it:',
      '',
      '```',
      'a_b = *1*',
      '```',
      '',
      'and \\*wait\\*',
      '',
    ]);
  });
});

describe('JSON', () => {
  test('is the document, when all is over', () => {
    expect(reportOf(json, all)).toBe('{}\n');
    expect(written(json, ({ onEnd }) => onEnd({ a: [1] }, ending))).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });

  test('or one line for everything that happens, and for the error that ended it', () => {
    const lines = written(ndjson, ({ onLine, onError }) => {
      onLine({ type: 'began' });
      onError(refused);
    });
    expect(lines).toBe(
      '{"type":"began"}\n{"type":"error","schemaVersion":1,"code":"port-taken","message":"the port is \\"in use\\""}\n',
    );
  });
});
