import { type RunDocument, runDocument } from '../documents/run.ts';
import { lanes, wholeRun } from '../drawing/lanes.ts';
import { svgFile } from '../drawing/svg-text.ts';
import { runMarkdown } from '../markdown/run.ts';
import { caseOfRun } from '../suite/cases.ts';
import { traceOf } from '../trace.ts';
import type { DocumentKind } from './kind.ts';
import { olderRun } from './older-run.ts';
import { pageOfRun } from './page-of-run.ts';

const pictureWidth = 1100;

export const demoKind: DocumentKind<RunDocument> = {
  schema: runDocument,
  older: olderRun,
  title: ({ scenario, title }) => `${scenario}: ${title}`,
  page: ([document]) => pageOfRun(document),
  markdown: runMarkdown,
  cases: (document) => [caseOfRun(document)],
  durationMs: ({ durationMs }) => durationMs,
  svg: (document) =>
    svgFile(lanes(document, wholeRun(document, pictureWidth)), `${document.scenario}: ${document.title}`),
  trace: traceOf,
};
