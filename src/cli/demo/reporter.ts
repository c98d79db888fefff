import type { Event } from '../../events.ts';
import { inAscii } from '../../report/ascii.ts';
import type { RunDocument } from '../../report/documents/run.ts';
import type { Reporter, ReporterContext } from '../../report/reporter.ts';
import { isForPeople } from '../../report/reporters.ts';
import type { TranscriptStyle } from '../../report/transcript.ts';
import { type ReporterOutput, type Reports, startReports } from '../output.ts';
import type { DemoOptions } from './options.ts';

/** The reporters that the options choose: text, a page of diagrams, or those that show the document of the run. */
export async function reportsOf(
  scenario: string,
  outputs: readonly ReporterOutput[],
  options: DemoOptions,
): Promise<Reports<Event, RunDocument> & { readonly events: Reporter<Event> }> {
  const text = async (context: ReporterContext) => {
    if (!options.mermaid) return transcript(context, options);
    const { mermaidPage } = await import('../../report/packets/mermaid.ts');
    return mermaidPage(context);
  };
  const reports = await startReports('demo', outputs, options, text);
  // The document takes time to load, and text alone does not need it.
  if (outputs.every(({ name }) => isForPeople(name))) return { ...reports, events: reports.reporter };
  const { reportRun } = await import('../../report/run-report.ts');
  return { ...reports, events: reportRun(scenario, reports.reporter) };
}

async function transcript(
  { output, paint, progress }: ReporterContext,
  { verbose, step, counters, ascii }: DemoOptions,
): Promise<Reporter<Event>> {
  const style: TranscriptStyle = {
    detail: verbose ? 'everything' : 'checks',
    counters: counters ? 'shown' : 'not shown',
    pace: step ? 'step by step' : 'at once',
    ladder: ascii ? 'ascii' : 'box',
  };
  const shown = ascii ? inAscii(output) : output;
  if (progress === 'none') {
    const { Transcript } = await import('../../report/transcript.ts');
    return new Transcript(shown, paint, style);
  }
  const { Live } = await import('../../report/live.ts');
  return new Live(shown, paint, style);
}
