import { auditCases } from '../audit/cases.ts';
import { auditText } from '../audit/text.ts';
import { type AuditDocument, auditDocument } from '../documents/audit.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { escaped, verbatim } from '../markdown/words.ts';
import { plain } from '../paint.ts';
import type { DocumentKind } from './kind.ts';

export const auditKind: DocumentKind<AuditDocument> = {
  schema: auditDocument,
  title: ({ scope }) => `tcpclose audit: ${scope}`,
  page: ([document]) => ({ kind: 'audit', documents: [document] }),
  markdown: (document) => [
    `# tcpclose audit: ${escaped(document.scope)}`,
    '',
    `**${escaped(document.verdict)}**`,
    '',
    ...(document.findings.length === 0 ? [] : casesMarkdown(casesOf(document))),
    ...verbatim(auditText(document, plain, 'everything').join('\n')),
  ],
  cases: casesOf,
  durationMs: ({ spanMs }) => spanMs ?? 0,
};

/** The cases of the kinds that were found: a saved document does not name the others. */
function casesOf(document: AuditDocument) {
  const kinds = [...new Set(document.findings.map(({ kind }) => kind))];
  return auditCases(
    document,
    kinds.map((name) => ({ name })),
  );
}
