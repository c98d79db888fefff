import { type ExplainDocument, explainDocument } from '../documents/explain.ts';
import { explainText } from '../explain.ts';
import { verbatim } from '../markdown/words.ts';
import { plain } from '../paint.ts';
import type { DocumentKind } from './kind.ts';

/** An explanation has no results: nothing was tried. */
export const explainKind: DocumentKind<ExplainDocument> = {
  schema: explainDocument,
  title: () => 'tcpclose explain',
  mostDocuments: 1,
  markdown: (document) => ['# tcpclose explain', '', ...verbatim(explainText(document, plain).join('\n'))],
  durationMs: () => 0,
};
