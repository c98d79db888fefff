import type { KindCount } from './shutdown/result.ts';

/** How often a row is measured, and how often at most if its runs differ. */
export const leastRuns = 3;
export const mostRuns = 6;

type Run =
  | { readonly state: 'measured'; readonly kinds: readonly KindCount[] }
  | { readonly state: 'not measured' };

/** Whether it lost something, of all clients or of one kind. */
export function isLossy(kinds: readonly KindCount[], of?: KindCount['kind']): boolean {
  return kinds.some(({ kind, lost }) => lost > 0 && (of === undefined || kind === of));
}

/** Whether some runs lost requests, or slow requests, and others did not, or were not measured. */
export function differ(runs: readonly Run[]): boolean {
  const known = runs.flatMap((run) => (run.state === 'measured' ? [run.kinds] : []));
  const unlike = (holds: (kinds: readonly KindCount[]) => boolean) => new Set(known.map(holds)).size > 1;
  const isMissing = known.length > 0 && known.length < runs.length;
  return isMissing || unlike((kinds) => isLossy(kinds)) || unlike((kinds) => isLossy(kinds, 'slow'));
}

/** Whether there should be another run. */
export function needsMore(runs: readonly Run[]): boolean {
  return runs.length < leastRuns || (runs.length < mostRuns && differ(runs));
}

/** Measures until there are enough runs, with those that there are already. */
export async function enoughRuns<One extends Run>(
  once: () => Promise<One>,
  soFar: readonly One[] = [],
): Promise<One[]> {
  const runs = [...soFar];
  while (needsMore(runs)) runs.push(await once());
  return runs;
}

/** `2 of 6`: the runs that lost requests. */
export function lossyRuns(runs: readonly Run[]): string {
  const known = runs.filter((run) => run.state === 'measured');
  return `${known.filter(({ kinds }) => isLossy(kinds)).length} of ${known.length}`;
}

/** A sentence about all rows. */
export function aboutRepeats(rows: readonly (readonly Run[])[]): string {
  const differing = rows.filter(differ);
  const again = rows.filter(({ length }) => length > leastRuns).length;
  return `Each row has ${leastRuns} runs, and up to ${mostRuns} if they differ in whether requests, or slow ones, were lost: the runs of ${differing.length} of ${rows.length} rows differ, and ${again} of the rows were measured more often than ${leastRuns} times. \`lossy\` is how many of the runs lost requests.`;
}
