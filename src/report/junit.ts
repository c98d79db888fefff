import { groupBy } from '../group.ts';
import { type Case, type Facts, factLines, type Problem } from './ci.ts';
import { type Reporter, type ReporterContext, writeLines } from './reporter.ts';

/** JUnit's XML, as CI systems read it: Jenkins rejects a report with anything that its schema (junit-10.xsd) does not contain. */
export function junit({ command, output }: ReporterContext): Reporter {
  const begunAt = performance.now();
  const cases: Case[] = [];
  const write = (durationMs: number) =>
    writeLines(output, [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="tcpclose ${command}" ${countsOf(cases)} time="${seconds(durationMs)}">`,
      ...[...groupBy(cases, ({ suite }) => suite)].flatMap(([suite, own]) => suiteLines(suite, own)),
      '</testsuites>',
    ]);
  return {
    onCase: (result) => void cases.push(result),
    onEnd: (_, { durationMs }) => write(durationMs),
    onError: (error) => {
      const durationMs = performance.now() - begunAt;
      cases.push(endOf(command, error, durationMs));
      write(durationMs);
    },
  };
}

/** The error that ended the command, as a case: a report without cases would look like a run without tests. */
function endOf(command: string, error: Problem, durationMs: number): Case {
  const name = `tcpclose ${command}`;
  return {
    ...{ suite: name, className: `tcpclose.${command}`, name, title: name },
    ...{ durationMs, result: { state: 'errored', problems: [error] }, facts: {} },
    // Stryker disable next-line ArrayDeclaration: a report of JUnit has no warnings
    warnings: [],
  };
}

function suiteLines(suite: string, cases: readonly Case[]): string[] {
  return [
    `  <testsuite name="${escapeXml(suite)}" ${countsOf(cases)} skipped="${count(cases, 'skipped')}" time="${seconds(timeOf(cases))}">`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ];
}

function caseLines(one: Case): string[] {
  const { className, name, durationMs } = one;
  const attributes = attributesOf({
    classname: className,
    name,
    time: durationMs === null ? null : seconds(durationMs),
  });
  const inside = insideOf(one);
  if (inside.length === 0) return [`    <testcase${attributes}/>`];
  return [`    <testcase${attributes}>`, ...inside.map((line) => `      ${line}`), '    </testcase>'];
}

function insideOf({ result, facts }: Case): string[] {
  switch (result.state) {
    case 'passed':
      return factsOf(facts);
    case 'skipped':
      return [`<skipped message="${escapeXml(result.reason)}"/>`, ...factsOf(facts)];
    case 'failed':
      return result.problems.map((problem) => problemLine('failure', problem));
    case 'errored':
    case 'undecided':
      return result.problems.map((problem) => problemLine('error', problem));
  }
}

function factsOf(facts: Facts): string[] {
  const known = factLines(facts).join('\n');
  return known === '' ? [] : [`<system-out>${escapeXml(known)}</system-out>`];
}

function problemLine(
  element: 'failure' | 'error',
  { type, message, remedy, text, location }: Problem,
): string {
  const lines = [
    ...(location === null ? [] : [`at ${location.file}:${location.line}`]),
    ...(remedy === null || text.includes(remedy) ? [] : [`Remedy: ${remedy}`]),
    ...(text === '' ? [] : [text]),
  ];
  const attributes = attributesOf({ type, message });
  const body = escapeXml(lines.join('\n'));
  return body === '' ? `<${element}${attributes}/>` : `<${element}${attributes}>${body}</${element}>`;
}

function attributesOf(values: Readonly<Record<string, string | number | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === null ? '' : ` ${name}="${escapeXml(String(value))}"`))
    .join('');
}

function countsOf(cases: readonly Case[]): string {
  const errors = count(cases, 'errored', 'undecided');
  return `tests="${cases.length}" failures="${count(cases, 'failed')}" errors="${errors}"`;
}

function count(cases: readonly Case[], ...states: Case['result']['state'][]): number {
  return cases.filter(({ result }) => states.includes(result.state)).length;
}

function timeOf(cases: readonly Case[]): number {
  return cases.reduce((total, { durationMs }) => total + (durationMs ?? 0), 0);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Text for XML 1.0, in an element or between double quotes; characters that XML cannot hold become question marks. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
}
