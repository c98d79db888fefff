import { formatSpan } from '../../time.ts';
import { type Reporter, type ReporterContext, writeLines } from '../reporter.ts';
import { type TableRow, tableLines, transitionLines, type WatchUpdate } from './lines.ts';

/** Where there is no terminal: the table at the start and at the end, and the transitions between. */
export function watchText({ output, paint }: ReporterContext): Reporter<WatchUpdate> {
  let port = 0;
  let rows: readonly TableRow[] | undefined;
  return {
    onEvent: ({ documents: events, news }) => {
      if (news === 'none') return;
      const transitions = events.filter((event) => event.type === 'transition');
      const lines = transitionLines(transitions, paint);
      for (const event of events) {
        if (event.type === 'started') port = event.port;
        const isFirst = event.type === 'table' && rows === undefined;
        if (event.type === 'table') rows = event.rows;
        if (!isFirst && event.type !== 'finished') continue;
        lines.push(`port ${port}   watched for ${formatSpan(event.atMs)}`, ...tableLines(rows ?? [], paint));
      }
      writeLines(output, lines);
    },
  };
}
