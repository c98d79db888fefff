import { type InitDocument, initDocument } from '../documents/init.ts';
import { initCases } from '../init/cases.ts';
import { escaped } from '../markdown/words.ts';
import type { DocumentKind } from './kind.ts';

export const initKind: DocumentKind<InitDocument> = {
  schema: initDocument,
  title: () => 'tcpclose init',
  markdown: ({ written, kept }) => [
    '# tcpclose init',
    '',
    ...written.map((path) => `- wrote ${escaped(path)}`),
    ...kept.map((path) => `- ${escaped(path)} already existed`),
  ],
  cases: initCases,
};
