import { type CompletionDocument, completionDocument } from '../documents/completion.ts';
import type { DocumentKind } from './kind.ts';

/** A completion script has no results. */
export const completionKind: DocumentKind<CompletionDocument> = {
  schema: completionDocument,
  title: ({ shell }) => `tcpclose completion ${shell}`,
  markdown: ({ shell, script }) => [
    `# tcpclose completion ${shell}`,
    '',
    `\`\`\`${shell}`,
    script.trimEnd(),
    '```',
  ],
};
