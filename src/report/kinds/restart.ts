import { shownCommand } from '../../foreign.ts';
import { type RestartDocument, restartDocument } from '../documents/restart.ts';
import { restartPicture } from '../drawing/restart.ts';
import { svgFile } from '../drawing/svg-text.ts';
import { restartMarkdown } from '../markdown/restart.ts';
import { restartCases } from '../restart/cases.ts';
import type { DocumentKind } from './kind.ts';

export const restartKind: DocumentKind<RestartDocument> = {
  schema: restartDocument,
  title,
  page: ([document]) => ({ kind: 'restart', documents: [document] }),
  markdown: restartMarkdown,
  cases: restartCases,
  svg: (document) => svgFile(restartPicture(document), title(document)),
  durationMs: ({ runs }) => runs.reduce((total, { durationMs }) => total + durationMs, 0),
};

function title({ command }: RestartDocument): string {
  return `tcpclose restart: ${shownCommand(command)}`;
}
