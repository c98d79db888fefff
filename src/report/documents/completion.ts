import * as v from 'valibot';
import { type DocumentOf, schemaVersion } from './parts.ts';

/** What `tcpclose completion --json` prints. */
export const completionDocument = v.object({
  schemaVersion,
  shell: v.picklist(['bash', 'zsh', 'fish']),
  script: v.pipe(v.string(), v.description('what the shell reads')),
});

export type CompletionDocument = DocumentOf<typeof completionDocument>;

export function completionDocumentOf(shell: CompletionDocument['shell'], script: string): CompletionDocument {
  return { schemaVersion: 1, shell, script };
}
