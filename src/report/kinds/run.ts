import { type RunCommandDocument, runCommandDocument } from '../documents/run-command.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { escaped } from '../markdown/words.ts';
import { runCases } from '../run/cases.ts';
import type { DocumentKind } from './kind.ts';

export const runKind: DocumentKind<RunCommandDocument> = {
  schema: runCommandDocument,
  title: ({ command }) => `tcpclose run: ${command}`,
  markdown: (document) => {
    const { command, status, signal, disturbed } = document;
    return [
      `# ${escaped(command)}`,
      '',
      signal === null ? `It ended with status ${status}.` : `It was ended by ${signal}.`,
      '',
      ...casesMarkdown(runCases(document)),
      ...disturbed.flatMap((reason) => [escaped(reason), '']),
    ];
  },
  cases: runCases,
  durationMs: ({ durationMs }) => durationMs,
};
