import type { ClientKind, ShutdownRow, ShutdownRun, ShutdownTable } from './result.ts';
import { type WayName, wayNames } from './ways.ts';

export type MeasuredRun = Extract<ShutdownRun, { readonly state: 'measured' }>;

export function measuredRuns({ runs }: Pick<ShutdownRow, 'runs'>): MeasuredRun[] {
  return runs.filter((run) => run.state === 'measured');
}

export function lostIn(run: MeasuredRun, kind?: ClientKind): number {
  const counted = run.kinds.filter((one) => kind === undefined || one.kind === kind);
  return counted.reduce((total, { lost }) => total + lost, 0);
}

/** What all runs of a way have in common, on every version of Node. */
export interface Summary {
  readonly losesNothing: readonly WayName[];
  /** Slow requests that were in flight, in every run. */
  readonly cutsSlow: readonly WayName[];
  /** Neither. */
  readonly losesSome: readonly WayName[];
  /** The one with the highest median. */
  readonly losesMost: WayName | undefined;
  /** It still ran when the time was over, in every run. */
  readonly staysUp: readonly WayName[];
}

export function summaryOf(table: ShutdownTable): Summary {
  const known = wayNames.filter((name) => runsOf(table, name).length > 0);
  const those = (holds: (run: MeasuredRun) => boolean) =>
    known.filter((name) => runsOf(table, name).every(holds));
  const losesNothing = those((run) => lostIn(run) === 0).filter((name) =>
    // A run that was not measured may have lost something.
    table.rows.every(({ way, runs }) => way !== name || runs.every(({ state }) => state === 'measured')),
  );
  const cutsSlow = those((run) => lostIn(run, 'slow') > 0);
  return {
    losesNothing,
    cutsSlow,
    losesSome: known.filter((name) => !losesNothing.includes(name) && !cutsSlow.includes(name)),
    losesMost: known.toSorted((a, b) => medianLoss(table, b) - medianLoss(table, a))[0],
    staysUp: those(({ exitsAfterMs }) => exitsAfterMs === null),
  };
}

/** All that were measured, on every version of Node. */
export function runsOf({ rows }: ShutdownTable, name: WayName): MeasuredRun[] {
  return rows.filter(({ way }) => way === name).flatMap(measuredRuns);
}

function medianLoss(table: ShutdownTable, name: WayName): number {
  const lost = runsOf(table, name).map((run) => lostIn(run));
  return lost.sort((a, b) => a - b)[Math.floor(lost.length / 2)] ?? 0;
}

/** The causes of a row, most losses first. */
export function causesOf(row: ShutdownRow): string[] {
  const totals = new Map<string, number>();
  for (const { cause, lost } of measuredRuns(row).flatMap(({ causes }) => causes))
    totals.set(cause, (totals.get(cause) ?? 0) + lost);
  return [...totals].sort(([, a], [, b]) => b - a).map(([cause]) => cause);
}
