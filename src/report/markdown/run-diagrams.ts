import type { RunDocument } from '../documents/run.ts';
import { type Connection, describeSegment, endpoint, letterOf, moment, stateName } from '../drawing/words.ts';
import { tableOf } from './words.ts';

const mostRows = 200;

/** The segments and the states of each connection, in the order of time. */
export function diagramsOfDocument({ recording }: RunDocument): string[] {
  return (recording?.connections ?? []).flatMap((connection, index) => {
    const rows = rowsOf(connection);
    const left = rows.length - mostRows;
    return [
      `### ${letterOf(index)}: ${endpoint(connection.client)} to ${endpoint(connection.server)}`,
      '',
      ...tableOf(['time', 'client', 'segment', 'server'], rows.slice(0, mostRows)),
      ...(left > 0 ? [`${left} rows more: --json has all of them.`, ''] : []),
    ];
  });
}

function rowsOf({ segments, transitions }: Connection): string[][] {
  const all = [
    ...segments.map((segment) => {
      const words = `${describeSegment(segment)}${segment.unheard ? ' ✖' : ''}${segment.source === 'replay' ? ' (replayed)' : ''}`;
      const arrow = segment.from === 'client' ? `${words} →` : `← ${words}`;
      return { at: segment.atMs, cells: ['', arrow, ''] };
    }),
    ...transitions.map(({ atMs, side, to }) => ({
      at: atMs,
      cells: side === 'client' ? [`**${stateName(to)}**`, '', ''] : ['', '', `**${stateName(to)}**`],
    })),
  ].sort((a, b) => a.at - b.at);
  return all.map(({ at, cells }) => [moment(at), ...cells]);
}
