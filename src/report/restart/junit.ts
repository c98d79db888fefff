import type { RestartDocument } from '../documents/restart.ts';
import { escapeXml } from '../xml.ts';
import { outputOf, titleOf } from './words.ts';

/** JUnit's XML: a case for each way to restart. */
export function restartJunit(document: RestartDocument): string[] {
  const { runs } = document;
  const count = (verdict: string) => runs.filter((run) => run.verdict === verdict).length;
  const counts = `tests="${runs.length}" failures="${count('fails')}" errors="${count('not decided')}" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tcpclose restart" ${counts}>`,
    `  <testsuite name="${escapeXml(document.command.join(' '))}" ${counts}>`,
    ...runs.flatMap(describeCase),
    '  </testsuite>',
    '</testsuites>',
  ];
}

function describeCase(run: RestartDocument['runs'][number]): string[] {
  const time = ((run.outageMs ?? 0) / 1000).toFixed(3);
  const open = `    <testcase classname="tcpclose.restart" name="${escapeXml(titleOf(run))}" time="${time}"`;
  if (run.verdict === 'survives') return [`${open}/>`];
  const inside =
    run.verdict === 'fails'
      ? `      <failure type="${run.cause ?? 'unknown'}" message="${escapeXml(run.evidence?.explanation ?? '')}">${escapeXml(outputOf(run))}</failure>`
      : `      <error message="${escapeXml(run.reason ?? '')}"/>`;
  return [`${open}>`, inside, '    </testcase>'];
}
