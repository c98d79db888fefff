import { formatSpan } from '../../time.ts';
import type { RestartDocument } from '../documents/restart.ts';
import type { Paint } from '../paint.ts';
import { shownVerdict } from './words.ts';

type Run = RestartDocument['runs'][number];

/** All runs side by side; their order of closing only if it differs. */
export function sideBySide(runs: readonly Run[], paint: Paint): string[] {
  const ordered = new Set(runs.map(({ order }) => order)).size > 1;
  const rows = runs.map((run) => [
    run.signal,
    run.clients,
    ...(ordered ? [run.order] : []),
    shownVerdict(run),
    run.outageMs === null ? '-' : formatSpan(run.outageMs),
    run.cause ?? '',
  ]);
  const heading = ['signal', 'clients', ...(ordered ? ['order'] : []), 'verdict', 'outage', 'cause'];
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const verdictAt = heading.indexOf('verdict');
  const styleOf = (run: Run) =>
    run.verdict === 'survives' ? paint.good : run.verdict === 'not decided' ? paint.faint : paint.bad;
  const lineOf = (cells: readonly string[], style = (text: string) => text) =>
    cells
      .map((cell, i) => (i === verdictAt ? style : String)(cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint.faint(lineOf(heading)), ...runs.map((run, i) => lineOf(rows[i] ?? [], styleOf(run)))];
}
