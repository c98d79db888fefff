import type { Event } from '../../events.ts';
import { inAscii } from '../../report/ascii.ts';
import { printJson } from '../../report/json.ts';
import type { Reporter, ReporterContext } from '../../report/reporter.ts';
import type { TranscriptStyle } from '../../report/transcript.ts';
import { onStandardOutput } from '../output.ts';
import type { DemoOptions } from './options.ts';

/** The one that the options ask for: a document, a page of diagrams, or a transcript. */
export async function reporterOf(scenario: string, options: DemoOptions): Promise<Reporter<Event>> {
  if (options.quiet) return {};
  const context = await onStandardOutput('demo', options);
  if (options.json) {
    const { RunRecorder } = await import('../../report/documents/run.ts');
    return new RunRecorder(scenario, (document) => printJson(context.output, document));
  }
  if (options.mermaid) {
    const { mermaidPage } = await import('../../report/packets/mermaid.ts');
    return mermaidPage(context);
  }
  return transcript(context, options);
}

async function transcript(
  { output, paint, progress }: ReporterContext,
  { verbose, step, counters, ascii }: DemoOptions,
): Promise<Reporter<Event>> {
  const { Transcript } = await import('../../report/transcript.ts');
  const style: TranscriptStyle = {
    detail: verbose ? 'everything' : 'checks',
    counters: counters ? 'shown' : 'not shown',
    pace: step ? 'step by step' : 'at once',
    ladder: ascii ? 'ascii' : 'box',
  };
  const shown = ascii ? inAscii(output) : output;
  if (progress === 'none') return new Transcript(shown, paint, style);
  const { Live } = await import('../../report/live.ts');
  return new Live((output) => new Transcript(output, paint, style), shown);
}
