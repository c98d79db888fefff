import { appendFileSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Case, Summary } from './ci.ts';
import { casesMarkdown } from './markdown/cases.ts';
import { escaped } from './markdown/words.ts';

/** What GitHub takes of one step is 1 MiB. */
const mostCharacters = 400_000;

/**
 * Appends the results to the page of the run, if GitHub Actions has named a file for it. Returns why that failed; null if it did not.
 */
export function appendStepSummary(
  command: string,
  cases: readonly Case[],
  summary: Summary | null,
): string | null {
  const { GITHUB_STEP_SUMMARY: file } = process.env;
  if (file === undefined || file === '') return null;
  const lines = [
    `### tcpclose ${command}`,
    '',
    ...(summary === null ? [] : [escaped(summary.text), '']),
    ...casesMarkdown(cases),
  ];
  const text = fitting(lines);
  try {
    appendFileSync(file, text);
    return null;
  } catch (error) {
    return `the step summary cannot be written (${messageOf(error)})`;
  }
}

// Cut between lines; a fence that stays open ends with the step.
function fitting(lines: readonly string[]): string {
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > mostCharacters;
  });
  const kept = end === -1 ? lines : [...lines.slice(0, end), '', 'The rest is not shown: it is too long.'];
  return `${kept.join('\n').trimEnd()}\n\n`;
}
