import { appendFileSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Case } from './ci.ts';
import { casesMarkdown } from './markdown/cases.ts';
import { escaped } from './markdown/words.ts';

/** GitHub accepts 1 MiB from one step. */
const mostBytes = 1_000_000;

/** Appends the results to the page of the run, if GitHub Actions has named a file for it. Returns why that failed; null if it succeeded. */
export function appendStepSummary(
  command: string,
  cases: readonly Case[],
  summary: string | null,
): string | null {
  const { GITHUB_STEP_SUMMARY: file } = process.env;
  if (file === undefined || file === '') return null;
  const lines = [
    `### tcpclose ${command}`,
    '',
    ...(summary === null ? [] : [escaped(summary), '']),
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
  let bytes = 0;
  const end = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > mostBytes;
  });
  const kept = end === -1 ? lines : [...lines.slice(0, end), '', 'The rest is not shown: it is too long.'];
  return `${kept.join('\n').trimEnd()}\n\n`;
}
