import type { RunDocument } from '../documents/run.ts';
import { moment } from '../drawing/words.ts';
import { describeEnvironment } from '../environment.ts';
import { diagramsOfDocument } from './run-diagrams.ts';
import { escaped, tableOf, verbatim } from './words.ts';

/** One run as a page of Markdown: steps and checks, and the capture as Mermaid diagrams. */
export function runMarkdown(run: RunDocument): string[] {
  const { scenario, title, claim, outcome, reason, environment, checks, steps, recording } = run;
  const agreeing = checks.filter(({ verdict }) => verdict === 'as expected').length;
  const bad = checks.flatMap(({ verdict, title, raw }) =>
    verdict === 'contradicted' && raw !== null ? [{ title, raw }] : [],
  );
  return [
    `# ${escaped(scenario)}: ${escaped(title)}`,
    '',
    escaped(claim),
    '',
    `**${outcome}**${reason === null ? '' : `: ${escaped(reason)}`}. ${agreeing} of ${checks.length} checks as expected.`,
    ...(environment === null ? [] : ['', escaped(describeEnvironment(environment))]),
    '',
    ...steps.flatMap((step) => [
      ...(step.number === 0 ? [] : [`## ${step.number}. ${escaped(step.title)}`, '']),
      ...happened(step),
      ...checkTable(checks.filter((check) => check.step === step.number)),
    ]),
    ...bad.flatMap(({ title, raw }) => [`What was read for "${escaped(title)}":`, '', ...verbatim(raw)]),
    ...(recording === null ? [] : ['## Segments and states', '', ...diagramsOfDocument(run)]),
  ];
}

function happened({ parties, actions }: RunDocument['steps'][number]): string[] {
  const all = [
    ...parties.map(({ name, description, atMs }) => ({ atMs, words: `${name}: ${description}` })),
    ...actions.map(({ who, verb, detail, made, atMs }) => ({
      atMs,
      words: `${who}: ${`${verb} ${detail}`.trim()}${made === 'really' ? '' : ' (left out)'}`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  if (all.length === 0) return [];
  return [...all.map(({ atMs, words }) => `- ${moment(atMs)}: ${escaped(words)}`), ''];
}

function checkTable(checks: RunDocument['checks']): string[] {
  if (checks.length === 0) return [];
  return tableOf(
    ['', 'check', 'expected', 'observed', 'at'],
    checks.map(({ verdict, title, expected, observed, note, atMs }) => [
      verdict === 'as expected' ? '✔' : '✖',
      escaped(title),
      escaped(expected),
      escaped(note === null ? observed : `${observed} (${note})`),
      moment(atMs),
    ]),
  );
}
