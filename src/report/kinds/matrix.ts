import { type MatrixDiff, type MatrixDocument, matrixDocuments } from '../documents/matrix.ts';
import { cells, differingCells } from '../drawing/cells.ts';
import { svgFile } from '../drawing/svg-text.ts';
import { matrixMarkdown } from '../markdown/matrix.ts';
import { matrixCases } from '../matrix/cases.ts';
import type { DocumentKind } from './kind.ts';

type Document = MatrixDocument | MatrixDiff;

export const matrixKind: DocumentKind<Document> = {
  schema: matrixDocuments,
  title,
  page: ([first, ...others]) => ({
    kind: 'matrix',
    documents: [first, ...others.filter((one) => 'cells' in one)],
  }),
  mostDocuments: 4,
  markdown: matrixMarkdown,
  cases: (document) =>
    'cells' in document ? matrixCases(document.cells, undefined) : matrixCases([], document),
  svg: (document) =>
    svgFile('cells' in document ? cells(document) : differingCells(document), title(document)),
};

function title(document: Document): string {
  return 'cells' in document
    ? `tcpclose matrix: Linux ${document.environment.kernel}`
    : `tcpclose matrix: Linux ${document.before.kernel} and ${document.now.kernel}`;
}
