import { shownCommand } from '../../foreign.ts';
import { type RestartDocument, restartDocument } from '../documents/restart.ts';
import { restartMarkdown } from '../markdown/restart.ts';
import { restartCases } from '../restart/cases.ts';
import type { DocumentKind } from './kind.ts';

export const restartKind: DocumentKind<RestartDocument> = {
  schema: restartDocument,
  title: ({ command }) => `tcpclose restart: ${shownCommand(command)}`,
  page: ([document]) => ({ kind: 'restart', documents: [document] }),
  mostDocuments: 1,
  markdown: restartMarkdown,
  cases: restartCases,
  durationMs: ({ runs }) => runs.reduce((total, { durationMs }) => total + durationMs, 0),
};
