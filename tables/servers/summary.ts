import { serverKinds } from './kinds/kinds.ts';
import type { ServerRow } from './result.ts';

/** Names of servers, as the page has them. */
export interface Summary {
  readonly withoutReuse: readonly string[];
  /** At least one of the four ways. */
  readonly fails: readonly string[];
  readonly losesNothing: readonly string[];
  readonly endsSlow: readonly string[];
  readonly closesEarly: readonly string[];
}

/** As the page names it. */
export function titleOf({ server }: Pick<ServerRow, 'server'>): string {
  return serverKinds[server]?.title ?? server;
}

const balancerMs = 60_000;

export function summaryOf(rows: readonly ServerRow[]): Summary {
  const those = (holds: (row: ServerRow) => boolean) => rows.filter(holds).map(titleOf);
  return {
    withoutReuse: those(({ listener }) => (listener?.atBind ?? listener?.atListener) === false),
    fails: those(({ ways }) => ways.some(({ verdict }) => verdict === 'fails')),
    losesNothing: rows.flatMap((row) => {
      const signals = [...new Set(row.loads.map(({ signal }) => signal))];
      return signals
        .filter((signal) => everyRun(row, signal, ({ kinds }) => kinds.every(({ lost }) => lost === 0)))
        .map(
          (signal) =>
            `${titleOf(row)} (${signal.replace('SIG', '')}${askedSlow(row) ? '' : ', no slow requests'})`,
        );
    }),
    endsSlow: those((row) =>
      everyRun(row, 'SIGTERM', ({ kinds }) => kinds.some(({ kind, lost }) => kind === 'slow' && lost > 0)),
    ),
    closesEarly: those(
      ({ idle }) =>
        idle?.state === 'measured' && idle.is === 'closes' && idle.ms !== null && idle.ms < balancerMs,
    ),
  };
}

function askedSlow({ loads }: ServerRow): boolean {
  return loads.some(
    (run) =>
      run.state === 'measured' && run.kinds.some(({ kind, requests }) => kind === 'slow' && requests > 0),
  );
}

type Run = Extract<ServerRow['loads'][number], { readonly state: 'measured' }>;

/** Whether it holds of all runs with that signal, and all were measured. */
function everyRun({ loads }: ServerRow, signal: string, holds: (run: Run) => boolean): boolean {
  const runs = loads.filter((run) => run.signal === signal);
  return runs.length > 0 && runs.every((run) => run.state === 'measured' && holds(run));
}
