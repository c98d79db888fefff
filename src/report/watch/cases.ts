import { type Case, problem } from '../ci.ts';
import type { WatchDocument } from '../documents/watch.ts';
import type { TableDocument } from './lines.ts';

/** The result of a watch. */
export interface WatchResult {
  readonly port: number | null;
  /** The condition that it waited for; null without one. */
  readonly until: string | null;
  readonly last: TableDocument | undefined;
  /** Everything that happened; for a long watch only a part. */
  readonly lines: readonly WatchDocument[];
  readonly end: Extract<WatchDocument, { type: 'finished' }>;
}

/** One case: it fails if the condition did not hold in time, and is undecided if it was interrupted. */
export function watchCases({ port, until, last, end }: WatchResult): Case[] {
  const what = port === null ? 'the connections of the machine' : `the connections of port ${port}`;
  const name = until === null ? `watched ${what}` : `${until} in ${what}`;
  const seen = countsOf(last);
  const facts = { reason: end.reason, seen };
  const common = { suite: 'watch', className: 'tcpclose.watch', name, title: name, facts, warnings: [] };
  const durationMs = end.atMs;
  if (until === null || end.reason === 'until')
    return [{ ...common, durationMs, result: { state: 'passed', remark: null } }];
  const why = end.reason === 'interrupted' ? 'interrupted' : 'did not hold in time';
  const problems = [
    problem(`${until} ${why}: ${seen}`, { type: end.reason === 'for' ? 'not-in-time' : 'interrupted' }),
  ];
  const state = end.reason === 'interrupted' ? 'undecided' : 'failed';
  return [{ ...common, durationMs, result: { state, problems } }];
}

function countsOf(table: TableDocument | undefined): string {
  const counts = table?.rows.map(({ state, count }) => `${state}=${count}`) ?? [];
  return counts.length === 0 ? 'no socket is there' : counts.join(', ');
}
