import type { RunDocument } from '../documents/run.ts';

/** A run that teaches something: the question before it, and what it has shown. */
export interface Stop {
  readonly scenario: string;
  readonly title: string;
  /** Paragraphs. */
  readonly question: readonly string[];
  /** Paragraphs about a run that came out as expected. Every number in them is from its document; a sentence whose facts are missing is left out. */
  answer(run: RunDocument): readonly Paragraph[];
  /** How many of its connections are worth drawing; all that a ladder has room for if left out. */
  readonly connections?: number;
}

export type Paragraph = readonly (string | null)[];

/** The paragraphs of an answer; null if the run did not come out as expected, so that it answers nothing. */
export function answerOf(stop: Stop, run: RunDocument): string[] | null {
  if (run.outcome !== 'passed') return null;
  const paragraphs = stop.answer(run).map((sentences) => sentences.filter((one) => one !== null).join(' '));
  return paragraphs.filter((text) => text !== '');
}
