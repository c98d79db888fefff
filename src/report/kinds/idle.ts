import { formatEndpoint } from '../../address.ts';
import { type IdleDocument, idleDocument } from '../documents/idle.ts';
import { idleCases } from '../idle/cases.ts';
import { idleText } from '../idle/text.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { verbatim } from '../markdown/words.ts';
import { plain } from '../paint.ts';
import type { DocumentKind } from './kind.ts';

export const idleKind: DocumentKind<IdleDocument> = {
  schema: idleDocument,
  title: titleOf,
  page: ([document]) => ({ kind: 'idle', documents: [document] }),
  markdown: (document) => [
    `# ${titleOf(document)}`,
    '',
    `**${document.verdict}**`,
    '',
    ...casesMarkdown(idleCases(document)),
    ...verbatim(idleText(document, plain).join('\n')),
  ],
  cases: idleCases,
  durationMs: ({ durationMs }) => durationMs,
};

function titleOf({ address, port }: IdleDocument): string {
  return `tcpclose idle: ${formatEndpoint({ address, port })}`;
}
