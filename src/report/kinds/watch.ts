import type { GenericSchema } from 'valibot';
import * as v from 'valibot';
import { formatSpan } from '../../time.ts';
import { type WatchDocument, watchDocument } from '../documents/watch.ts';
import { casesMarkdown } from '../markdown/cases.ts';
import { tableOf } from '../markdown/words.ts';
import { type WatchResult, watchCases } from '../watch/cases.ts';
import { thinned } from '../watch/thinned.ts';
import type { DocumentKind } from './kind.ts';

/** A watch prints events: its lines are saved, and their result is shown. */
export const watchKind: DocumentKind<WatchResult> = {
  schema: v.array(watchDocument) as unknown as GenericSchema<unknown, WatchResult>,
  read: (lines) => resultOf(lines as readonly WatchDocument[]),
  title: ({ port }) => `tcpclose watch: ${port ?? 'all'}`,
  page: ([{ lines }]) => ({ kind: 'watch', documents: [lines] }),
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

function resultOf(lines: readonly WatchDocument[]): WatchResult {
  const started = lines.find((line) => line.type === 'started');
  const finished = lines.find((line) => line.type === 'finished');
  const { at = '', atMs = 0 } = lines.at(-1) ?? {};
  return {
    port: started?.port ?? null,
    until: null,
    last: lines.findLast((line) => line.type === 'table'),
    lines: thinned(lines),
    // The last lines of an interrupted watch may be missing.
    end: finished ?? { schemaVersion: 1, type: 'finished', at, atMs, reason: 'interrupted' },
  };
}
