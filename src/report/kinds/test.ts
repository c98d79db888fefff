import { type SuiteDocument, suiteDocument } from '../documents/suite.ts';
import { suiteMarkdown } from '../markdown/suite.ts';
import { casesOfSuite } from '../suite/cases.ts';
import type { DocumentKind } from './kind.ts';

export const testKind: DocumentKind<SuiteDocument> = {
  schema: suiteDocument,
  title: ({ scenarios }) => `tcpclose test: ${scenarios.length} scenarios`,
  page: ([document]) => ({ kind: 'test', documents: [document] }),
  markdown: suiteMarkdown,
  cases: casesOfSuite,
  durationMs: ({ durationMs }) => durationMs,
};
