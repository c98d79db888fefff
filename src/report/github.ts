import type { Location } from '../events.ts';
import type { Case, Problem, Summary } from './ci.ts';
import type { Reporter, ReporterContext } from './reporter.ts';
import { appendStepSummary } from './step-summary.ts';

/**
 * Annotations for GitHub Actions: one for each case that did not pass or has a remark, and one for the whole run. Skipped cases are only
 * counted here, and named in the step summary, because GitHub shows at most ten annotations of a kind for a run.
 */
export function github({ command, output }: ReporterContext): Reporter {
  const own = `tcpclose ${command}`;
  const annotate = (...of: Parameters<typeof annotation>) => output.write(`${annotation(...of)}\n`);
  const cases: Case[] = [];
  const summarise = (summary: string | null) => {
    const failure = appendStepSummary(command, cases, summary);
    if (failure !== null) annotate('warning', own, failure);
  };
  return {
    onCase: (one) => {
      cases.push(one);
      const { title, result, warnings } = one;
      const full = `${own}: ${title}`;
      if (result.state === 'passed' && result.remark !== null) annotate('notice', full, result.remark);
      if ('problems' in result) annotate(levels[result.state], full, ...describe(result.problems));
      for (const warning of warnings) annotate('warning', full, warning);
    },
    onEnd: (_, { summary }) => {
      if (summary !== null) annotate(summary.level, own, summary.text);
      summarise(summary?.text ?? null);
    },
    onError: (error) => {
      annotate('error', own, ...describe([error]));
      summarise(error.message);
    },
  };
}

const levels = {
  failed: 'error',
  errored: 'error',
  undecided: 'warning',
} as const satisfies Partial<Record<Case['result']['state'], Summary['level']>>;

function describe(problems: readonly Problem[]): [message: string, location: Location | null] {
  const lines = problems.map(({ type, message, remedy, location }) => {
    const kind = type === null ? '' : `${type}: `;
    const rest = remedy === null ? '' : ` Remedy: ${remedy}`;
    return `${kind}${message}${rest}${location === null ? '' : ` (${location.file}:${location.line})`}`;
  });
  return [lines.join('\n'), problems.find(({ location }) => location !== null)?.location ?? null];
}

/** A workflow command on one line: it becomes an annotation of the run, beside the line of a file if that is known. */
function annotation(
  level: Summary['level'],
  title: string,
  message: string,
  location: Location | null = null,
): string {
  const place = location === null ? '' : `file=${property(location.file)},line=${location.line},`;
  return `::${level} ${place}title=${property(title)}::${data(message)}`;
}

// Escapes text as the runner's toolkit does.
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
