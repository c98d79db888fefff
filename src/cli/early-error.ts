import { TcpcloseError } from '../errors.ts';
import { type Problem, problem } from '../report/ci.ts';
import { plain } from '../report/paint.ts';
import { reporterNames } from '../report/reporters.ts';
import { describeError } from './error-line.ts';

/** The errors that reporters have reported. */
const reported = new WeakSet<object>();

/** An error for reporters, which is reported then. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Error) reported.add(error);
  const type = error instanceof TcpcloseError ? error.code : null;
  const output = error instanceof Error && 'output' in error ? String(error.output) : '';
  return problem(describeError(error), { type, text: output });
}

/**
 * Wrong arguments are noticed before there is a reporter, and GitHub shows annotations alone: if the arguments choose its reporter for
 * standard output, and no other, it reports this error.
 */
export async function annotateEarly(args: readonly string[], error: unknown): Promise<void> {
  if (!choosesGithub(args) || (error instanceof Error && reported.has(error))) return;
  const { github } = await import('../report/github.ts');
  const command = args.find((arg) => !arg.startsWith('-')) ?? '';
  const reporter = github({ command, output: process.stdout, paint: plain, progress: 'none' });
  reporter.onError?.(problemOf(error));
}

function choosesGithub(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const words = own.flatMap((arg) => arg.split(/(?<=^--reporter)=/));
  const chosen = words.filter((_, i) => words[i - 1] === '--reporter');
  const printed = [...chosen, ...(words.includes('--json') ? ['json'] : [])]
    .map((text) => text.replace(/:-?$/, ''))
    .filter((text) => reporterNames.some((name) => name === text));
  return printed.length > 0 && printed.every((name) => name === 'github');
}
