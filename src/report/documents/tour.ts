import * as v from 'valibot';
import { answerOf, type Stop } from '../tour/stop.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';
import { type RunDocument, runDocument } from './run.ts';

const paragraphs = v.array(v.string());

/** What `tcpclose tour --json` prints. */
export const tourDocument = v.object({
  schemaVersion,
  stops: v.array(
    v.object({
      number: v.number(),
      title: v.string(),
      question: paragraphs,
      answer: v.pipe(
        v.nullable(paragraphs),
        v.description('null if the run did not come out as expected, so that it answers nothing'),
      ),
      run: runDocument,
    }),
  ),
});

export type TourDocument = DocumentOf<typeof tourDocument>;

/** A stop of the tour that was run, with its number. */
export interface MadeStop {
  readonly number: number;
  readonly stop: Stop;
  readonly run: RunDocument;
}

export function tourDocumentOf(made: readonly MadeStop[]): TourDocument {
  return {
    schemaVersion: 1,
    stops: made.map(({ number, stop, run }) => ({
      number,
      title: stop.title,
      question: stop.question,
      answer: answerOf(stop, run),
      run,
    })),
  };
}
