import { type InitDocument, initDocument } from '../documents/init.ts';
import { escaped } from '../markdown/words.ts';
import type { DocumentKind } from './kind.ts';

/** Written files are not results. */
export const initKind: DocumentKind<InitDocument> = {
  schema: initDocument,
  title: () => 'tcpclose init',
  mostDocuments: 1,
  markdown: ({ written, kept }) => [
    '# tcpclose init',
    '',
    ...written.map((path) => `- wrote ${escaped(path)}`),
    ...kept.map((path) => `- ${escaped(path)} already existed`),
  ],
  durationMs: () => 0,
};
