import { type TourDocument, tourDocument } from '../documents/tour.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { escaped } from '../markdown/words.ts';
import { caseOfRun } from '../suite/cases.ts';
import type { DocumentKind } from './kind.ts';

export const tourKind: DocumentKind<TourDocument> = {
  schema: tourDocument,
  title: ({ stops }) => `tcpclose tour: ${stops.length} runs`,
  markdown: (document) => [
    '# tcpclose tour',
    '',
    ...casesMarkdown(casesOf(document)),
    ...document.stops.flatMap(({ number, title, question, answer }) => [
      `## ${number}. ${escaped(title)}`,
      '',
      ...[...question, ...(answer ?? [])].flatMap((text) => [escaped(text), '']),
    ]),
  ],
  cases: casesOf,
  durationMs: ({ stops }) => stops.reduce((total, { run }) => total + run.durationMs, 0),
};

function casesOf({ stops }: TourDocument) {
  return stops.map(({ run }) => caseOfRun(run));
}
