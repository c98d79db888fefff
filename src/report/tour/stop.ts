import type { RunDocument } from '../documents/run.ts';

/** A run that teaches something: the question before it, and what it shows. */
export interface Stop {
  readonly scenario: string;
  readonly title: string;
  /** Paragraphs. */
  readonly question: readonly string[];
  /**
   * Paragraphs about a run with the expected result. Every number in them is from its document; a sentence whose facts are missing is left
   * out.
   */
  answer(run: RunDocument): readonly Paragraph[];
  /** How many of its connections are worth drawing (default: as many as fit in a ladder). */
  readonly connections?: number;
}

export type Paragraph = readonly (string | null)[];

/** The paragraphs of an answer; null if the run did not have the expected result, and so answers nothing. */
export function answerOf(stop: Stop, run: RunDocument): string[] | null {
  if (run.outcome !== 'passed') return null;
  const paragraphs = stop.answer(run).map((sentences) => sentences.filter((one) => one !== null).join(' '));
  return paragraphs.filter((text) => text !== '');
}
