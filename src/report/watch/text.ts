import { type Reporter, type ReporterContext, writeLines } from '../reporter.ts';
import { type TableDocument, transitionLines, watchLines } from './lines.ts';
import type { WatchUpdate } from './update.ts';

/** Where there is no terminal: the table at the start and at the end, and the transitions between. */
export function watchText({ output, paint }: ReporterContext): Reporter<WatchUpdate> {
  let port: number | null = null;
  let table: TableDocument | undefined;
  return {
    onEvent: ({ documents: events, news }) => {
      if (news === 'none') return;
      const transitions = events.filter((event) => event.type === 'transition');
      const lines = transitionLines(transitions, paint);
      for (const event of events) {
        if (event.type === 'started') port = event.port;
        const isFirst = event.type === 'table' && table === undefined;
        if (event.type === 'table') table = event;
        if (!isFirst && event.type !== 'finished') continue;
        lines.push(...watchLines(port, event.atMs, table, paint));
      }
      writeLines(output, lines);
    },
  };
}
