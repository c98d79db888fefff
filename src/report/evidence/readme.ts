import { findingInWords } from '../claims/decisive.ts';
import type { EvidenceDocument } from '../documents/evidence.ts';
import { describeEnvironment } from '../environment.ts';
import type { DecidingRun } from './document.ts';

/** What was done, what was seen, and what would have been seen otherwise. */
export function evidenceReadme(document: EvidenceDocument, runs: readonly DecidingRun[]): string {
  const { claim, checks, environment } = document;
  const parts = [...claim.parts, ...claim.cases].map((one) => `- ${one.text}: **${findingInWords(one)}**`);
  const lines = [
    `# ${claim.id}: ${claim.claim}`,
    '',
    `On this machine: **${findingInWords(claim)}**${claim.reason === null ? '' : ` (${claim.reason})`}`,
    ...(parts.length === 0 ? [] : ['', ...parts]),
    '',
    `tcpclose ${document.tcpclose}${environment === null ? '' : `, ${describeEnvironment(environment)}`}`,
    '',
    '`./verify.sh` reaches the same finding from the raw files in this folder, by `verify/`, with tshark, jq and Python 3.',
    ...runs.flatMap((run) => ['', ...runLines(run, checks)]),
  ];
  return `${lines.join('\n')}\n`;
}

function runLines({ run, control }: DecidingRun, all: EvidenceDocument['checks']): string[] {
  const { scenario, title, claim, steps } = run.document;
  const checks = all.filter((check) => check.scenario === scenario);
  return [
    `## ${scenario}: ${title}`,
    '',
    claim,
    '',
    '### What was done',
    '',
    ...steps.flatMap(({ number, title, actions }) => [
      `${number}. ${title}`,
      ...actions.map(({ who, verb, detail }) => `   - ${[who, verb, detail].join(' ').trim()}`),
    ]),
    '',
    '### What was seen',
    '',
    '| check | expected | observed | it says | seen in | different without |',
    '|---|---|---|---|---|---|',
    ...checks.map(row),
    '',
    '### What would have changed the finding',
    '',
    'Any other observation contradicts the check, and changes the finding. Each check names the stimulus without which it',
    `must have another result. See it fail: \`tcpclose demo ${scenario} --without '${control}'\`.`,
  ];
}

function row(check: Check): string {
  const { title, expected, observed, claims, without, uncontrolled } = check;
  const says = claims.map(
    ({ claim, finding, under }) => `${claim} ${finding}${under === null ? '' : ` under ${under}`}`,
  );
  const cells = [title, expected, observed, says.join(', '), sourceOf(check)];
  cells.push(without ?? `nothing: ${uncontrolled}`);
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** What a value can be computed from. */
const sources = {
  answers: 'what the processes answered',
  packets: 'the captured packets',
  trace: "the kernel's tracepoint",
  table: 'ss',
  counters: 'the counters',
} as const;

type Check = EvidenceDocument['checks'][number];

function sourceOf({ question, counted }: Check): string {
  if (question === null) return 'a measurement';
  if (question.about === 'table') return question.readings.join(', ');
  if (question.derived !== null) return sources[question.derived.from];
  if (question.about === 'value' && question.segments !== null) return 'the captured packets';
  return counted.length === 0 ? 'a measurement' : 'the counters';
}
