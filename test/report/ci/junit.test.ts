import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { problem } from '../../../src/report/ci.ts';
import { escapeXml, junit } from '../../../src/report/junit.ts';
import { all, caseOf, errorOf, passed, reportOf } from './reports.ts';

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
