import { type ExplainDocument, explainDocument } from '../documents/explain.ts';
import { explainCases } from '../explain/cases.ts';
import { explainText } from '../explain.ts';
import { verbatim } from '../markdown/words.ts';
import { plain } from '../paint.ts';
import type { DocumentKind } from './kind.ts';

export const explainKind: DocumentKind<ExplainDocument> = {
  schema: explainDocument,
  title: () => 'tcpclose explain',
  markdown: (document) => ['# tcpclose explain', '', ...verbatim(explainText(document, plain).join('\n'))],
  cases: explainCases,
};
