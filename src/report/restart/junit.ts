import { shownCommand } from '../../foreign.ts';
import type { RestartDocument } from '../documents/restart.ts';
import { escapeXml } from '../xml.ts';
import { outputOf, titleOf, watchingOf } from './words.ts';

type Run = RestartDocument['runs'][number];

/** JUnit's XML: a case for each way to restart. */
export function restartJunit(document: RestartDocument): string[] {
  const { runs } = document;
  const count = (verdict: string) => runs.filter((run) => run.verdict === verdict).length;
  const counts = `tests="${runs.length}" failures="${count('fails')}" errors="${count('not decided')}" skipped="0"`;
  const time = seconds(runs.reduce((total, { durationMs }) => total + durationMs, 0));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tcpclose restart" ${counts} time="${time}">`,
    `  <testsuite name="${escapeXml(shownCommand(document.command))}" ${counts} time="${time}">`,
    ...runs.flatMap(describeCase),
    '  </testsuite>',
    '</testsuites>',
  ];
}

function describeCase(run: Run): string[] {
  const name = escapeXml(titleOf(run));
  const open = `    <testcase classname="tcpclose.restart" name="${name}" time="${seconds(run.durationMs)}"`;
  if (run.verdict === 'survives') return [`${open}/>`];
  return [`${open}>`, `      ${run.verdict === 'fails' ? failureOf(run) : errorOf(run)}`, '    </testcase>'];
}

function failureOf(run: Run): string {
  const { cause, evidence } = run;
  const message = escapeXml(evidence?.explanation ?? '');
  return `<failure type="${cause ?? 'unknown'}" message="${message}">${escapeXml(bodyOf(run))}</failure>`;
}

function errorOf(run: Run): string {
  return `<error message="${escapeXml(run.reason ?? '')}">${escapeXml(bodyOf(run))}</error>`;
}

/** What a reader of the report needs, and who looks at the message alone does not. */
function bodyOf(run: Run): string {
  const { evidence } = run;
  const output = outputOf(run);
  return [
    ...(evidence?.explanation ? [evidence.explanation] : []),
    ...(evidence?.remedy ? [`Remedy: ${evidence.remedy}`] : []),
    `Calls: ${watchingOf(run)}`,
    ...(output === '' ? [] : ['Its last output:', output]),
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
