import { type MergeDocument, mergeDocument } from '../documents/merge.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { verbatim } from '../markdown/words.ts';
import { mergeCases } from '../merge/cases.ts';
import { mergeText } from '../merge/text.ts';
import { plain } from '../paint.ts';
import type { DocumentKind } from './kind.ts';

export const mergeKind: DocumentKind<MergeDocument> = {
  schema: mergeDocument,
  title: ({ audits, ledgers }) => `tcpclose merge: ${audits} audits, ${ledgers} ledgers`,
  markdown: (document) => [
    '# tcpclose merge',
    '',
    ...casesMarkdown(mergeCases(document)),
    ...verbatim(mergeText(document, plain).join('\n')),
  ],
  cases: mergeCases,
};
