import { createPaint } from '../../src/report/paint.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { allOf, createReporter, type ReporterName } from '../../src/report/reporters.ts';

/** What a reporter writes of a command. */
export async function written(
  name: ReporterName,
  command: string,
  report: (reporter: Required<Reporter>) => void,
): Promise<string> {
  const texts: string[] = [];
  const output = { write: (text: string) => void texts.push(text) };
  const paint = await createPaint('never', false);
  const context = { command, output, paint, progress: 'none' } as const;
  report(allOf([await createReporter(name, () => ({}), context)]));
  return texts.join('');
}
