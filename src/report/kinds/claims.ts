import { claimCases } from '../claims/cases.ts';
import { ledgerMarkdown } from '../claims/text.ts';
import { type ClaimsDocument, claimsDocument } from '../documents/claims.ts';
import type { DocumentKind } from './kind.ts';

export const claimsKind: DocumentKind<ClaimsDocument> = {
  schema: claimsDocument,
  title: ({ claims }) => `tcpclose claims: ${claims.length} claims`,
  page: ([document]) => ({ kind: 'claims', documents: [document] }),
  mostDocuments: 1,
  markdown: (document) => ['# tcpclose claims', '', ...ledgerMarkdown(document)],
  cases: claimCases,
  durationMs: () => 0,
};
