import * as v from 'valibot';
import { formatSpan } from '../../time.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { tableOf } from '../markdown/words.ts';
import { type WatchResult, watchCases } from '../watch/cases.ts';
import type { DocumentKind } from './kind.ts';

/** A watch prints what happens; what it has come to is not saved as a document. */
export const watchKind: DocumentKind<WatchResult> = {
  schema: v.custom<WatchResult>(() => false),
  title: ({ port }) => `tcpclose watch: ${port ?? 'all'}`,
  mostDocuments: 1,
  markdown: (result) => [
    `# ${result.port === null ? 'All connections' : `Port ${result.port}`} after ${formatSpan(result.end.atMs)}`,
    '',
    ...casesMarkdown(watchCases(result)),
    ...tableOf(
      ['state', 'sockets', 'processes'],
      (result.last?.rows ?? []).map(({ state, count, processCount }) => [
        state,
        String(count),
        String(processCount),
      ]),
    ),
  ],
  cases: watchCases,
  durationMs: ({ end }) => end.atMs,
};
