import { type CompletionDocument, completionDocument } from '../documents/completion.ts';
import type { DocumentKind } from './kind.ts';

/** A completion script has no results. */
export const completionKind: DocumentKind<CompletionDocument> = {
  schema: completionDocument,
  title: ({ shell }) => `tcpclose completion ${shell}`,
  mostDocuments: 1,
  markdown: ({ shell, script }) => [
    `# tcpclose completion ${shell}`,
    '',
    `\`\`\`${shell}`,
    script.trimEnd(),
    '```',
  ],
  durationMs: () => 0,
};
