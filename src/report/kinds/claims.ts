import { claimCases } from '../claims/cases.ts';
import { ledgerMarkdown } from '../claims/text.ts';
import { type ClaimsDocument, claimsDocument } from '../documents/claims.ts';
import type { DocumentKind } from './kind.ts';

export const claimsKind: DocumentKind<ClaimsDocument> = {
  schema: claimsDocument,
  older: (document) =>
    'machine' in (document as object)
      ? null
      : {
          document: { ...(document as object), machine: { host: '', kernel: '', settings: {} } },
          remark: 'An earlier version saved it, without the settings of the kernel.',
        },
  title: ({ claims }) => `tcpclose claims: ${claims.length} claims`,
  page: ([document]) => ({ kind: 'claims', documents: [document] }),
  markdown: (document) => ['# tcpclose claims', '', ...ledgerMarkdown(document)],
  cases: claimCases,
};
