import type { SuiteDocument } from '../documents/suite.ts';
import { span } from '../drawing/words.ts';
import { describeEnvironment } from '../environment.ts';
import { escaped, tableOf, verbatim } from './words.ts';

/** Many scenarios as a table of Markdown, and what was contradicted in full. */
export function suiteMarkdown({
  scenarios,
  outcome,
  environment,
  neverRun,
  durationMs,
}: SuiteDocument): string[] {
  const bad = scenarios.flatMap((one) =>
    one.checks
      .filter(({ verdict }) => verdict === 'contradicted')
      .map((check) => ({ scenario: one.scenario, ...check })),
  );
  return [
    '# tcpclose test',
    '',
    `**${outcome}**: ${scenarios.length} scenarios in ${span(durationMs)}${neverRun === 0 ? '' : `, ${neverRun} never ran`}.`,
    ...(environment === null ? [] : ['', escaped(describeEnvironment(environment))]),
    '',
    ...tableOf(
      ['', 'topic', 'scenario', 'result', 'checks', 'time'],
      scenarios.map(({ topic, scenario, round, outcome, reason, checks, durationMs }) => [
        marks[outcome],
        escaped(topic),
        escaped(round === 1 ? scenario : `${scenario} (round ${round})`),
        `${outcome}${reason === null ? '' : `: ${escaped(reason)}`}`,
        String(checks.length),
        span(durationMs),
      ]),
    ),
    ...(bad.length === 0 ? [] : ['## Contradicted', '']),
    ...bad.flatMap(({ scenario, title, expected, observed, raw }) => [
      `- ${escaped(scenario)}: ${escaped(title)}: expected ${escaped(expected)}, observed ${escaped(observed)}`,
      '',
      ...(raw === null ? [] : verbatim(raw)),
    ]),
  ];
}

const marks = { passed: '✔', failed: '✖', errored: '✖', skipped: '–', interrupted: '–' } as const;
