import type { Case, Problem } from '../ci.ts';
import { escaped, tableOf, verbatim } from './words.ts';

/** Up to this many are listed with those that passed; with more, only the others. */
const fewCases = 30;
/** A step summary of GitHub takes 1 MiB. */
const mostCases = 200;

const marks = { passed: '✔', skipped: '–', failed: '✖', errored: '✖', undecided: '?' } as const;

/** Results in Markdown: the number of each, a table, and the problems with their remedies. */
export function casesMarkdown(cases: readonly Case[]): string[] {
  const wanted = cases.length <= fewCases ? cases : cases.filter(({ result }) => result.state !== 'passed');
  const shown = wanted.slice(0, mostCases);
  const left = wanted.length - shown.length;
  const rows = shown.map((one) => [marks[one.result.state], escaped(one.title), brief(one)]);
  return [
    tallyOf(cases),
    '',
    ...(rows.length === 0 ? [] : tableOf(['', 'case', 'result'], rows)),
    ...(left === 0 ? [] : [`${left} more are not shown.`, '']),
    ...shown.flatMap(problemsOf),
  ];
}

function tallyOf(cases: readonly Case[]): string {
  const counts = (Object.keys(marks) as Case['result']['state'][]).map((state) => ({
    state,
    count: cases.filter(({ result }) => result.state === state).length,
  }));
  const present = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`);
  return present.length === 0 ? 'no results' : present.join(', ');
}

function brief({ result, warnings }: Case): string {
  const own =
    result.state === 'passed'
      ? (result.remark ?? 'passed')
      : result.state === 'skipped'
        ? `skipped: ${result.reason}`
        : result.problems.map(({ message }) => message).join('; ');
  return escaped([own, ...warnings.map((warning) => `warning: ${warning}`)].join('; '));
}

function problemsOf({ title, result }: Case): string[] {
  if (!('problems' in result)) return [];
  const lines = result.problems.flatMap(problemLines);
  return lines.length === 0 ? [] : [`**${escaped(title)}**`, '', ...lines];
}

function problemLines({ remedy, text, location }: Problem): string[] {
  return [
    ...(location === null ? [] : [`at ${escaped(`${location.file}:${location.line}`)}`, '']),
    ...(remedy === null ? [] : [`Remedy: ${escaped(remedy)}`, '']),
    ...(text === '' ? [] : verbatim(text)),
  ];
}
