import type { Result, Results } from './results.ts';

/** `12 passed, 1 failed`, without kinds that did not occur; for an interrupted suite also `56 of 69 never ran`. */
export function tally({ finished, neverRun, total }: Results): string {
  const rest = neverRun === 0 ? [] : [`${neverRun} of ${total} never ran`];
  return [...kindsIn(finished), ...rest].join(', ') || 'none ran';
}

/** The same for some of the results. */
export function tallyOf(results: readonly Result[]): string {
  return kindsIn(results).join(', ');
}

function kindsIn(results: readonly Result[]): string[] {
  const states = ['passed', 'failed', 'errored', 'skipped', 'interrupted'] as const;
  return states.flatMap((state) => {
    const count = results.filter(({ outcome }) => outcome.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
}
