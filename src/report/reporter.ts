import type { Case, Problem, Summary } from './ci.ts';
import type { Paint } from './paint.ts';

/** Shows or keeps what a command does. Every hook is optional. */
export interface Reporter<Event = unknown, Document = unknown> {
  /** The number of results for CI is known. */
  onBegin?(cases: number): void;
  /** Something happened. */
  onEvent?(event: Event): void;
  /** An event, or a part of the document, as one object for live readers. */
  onLine?(line: object): void;
  /** A result for CI. */
  onCase?(result: Case): void;
  /** The end, with the document that --json prints. */
  onEnd?(document: Document, ending: Ending): void;
  /** An error ended the run, without a document. */
  onError?(error: Problem): void;
}

export interface Ending {
  readonly durationMs: number;
  /** All results in one sentence; null if each result says enough. */
  readonly summary: Summary | null;
  /** Why results are missing; null if none are. */
  readonly cutShort: string | null;
  /** What a saved document lacks, because an earlier version saved it. */
  readonly remarks?: readonly string[];
}

/** Where a reporter writes. */
export interface Output {
  write(text: string): void;
}

export interface ReporterContext {
  /** The command that it reports. */
  readonly command: string;
  readonly output: Output;
  readonly paint: Paint;
  /** `moving`: progress may be drawn on standard error, and removed again. */
  readonly progress: 'moving' | 'none';
}

export type CreateReporter<Event = unknown, Document = unknown> = (
  context: ReporterContext,
) => Reporter<Event, Document> | Promise<Reporter<Event, Document>>;

export function writeLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(lines.map((line) => `${line}\n`).join(''));
}

/** Shows a document at the end, as text. */
export function textOfDocument<Document>(
  linesOf: (document: Document, paint: Paint, ending: Ending) => readonly string[],
): CreateReporter<never, Document> {
  return ({ output, paint }) => ({
    onEnd: (document, ending) => writeLines(output, linesOf(document, paint, ending)),
  });
}
