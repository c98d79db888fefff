import { type Reporter, type ReporterContext, writeLines } from '../reporter.ts';
import { type TableDocument, transitionLines, watchLines } from './lines.ts';
import type { WatchUpdate } from './update.ts';

/** Without a terminal: the table at the start and at the end, and the transitions between them. */
export function watchText({ output, paint }: ReporterContext): Reporter<WatchUpdate> {
  let port: number | null = null;
  let table: TableDocument | undefined;
  return {
    onEvent: ({ documents: events, news }) => {
      const last = events.findLast((event) => event.type === 'table');
      const isFirst = table === undefined;
      // The table at the end has the times of that moment.
      table = last ?? table;
      if (news === 'none') return;
      const transitions = events.filter((event) => event.type === 'transition');
      const lines = transitionLines(transitions, paint);
      for (const event of events) {
        if (event.type === 'started') port = event.port;
        const isFirstTable = event.type === 'table' && isFirst;
        if (!isFirstTable && event.type !== 'finished') continue;
        lines.push(...watchLines(port, event.atMs, table, paint));
      }
      writeLines(output, lines);
    },
  };
}
