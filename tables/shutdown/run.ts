import { kept, readTable, write, writeResults } from '../kept.ts';
import { thisMachine } from '../machine.ts';
import { install, nodeOf } from '../packages.ts';
import { load, restartOnce, stopTimeoutMs } from './measure.ts';
import { shutdownPage } from './page.ts';
import type { Ladder, ShutdownRow, ShutdownRun, ShutdownTable } from './result.ts';
import { lostIn, measuredRuns } from './summary.ts';
import { type WayName, wayNames, ways } from './ways.ts';

export const majors = [22, 20, 24] as const;
export const repeats = 3;

/** Measures these ways, and keeps what is known of the others. Each row is saved as soon as it is there. */
export async function measureShutdown(names: readonly WayName[]): Promise<void> {
  const packages = install('shutdown', [...new Set(wayNames.flatMap((name) => ways[name].packages))]);
  if ('why' in packages) throw new Error(packages.why);
  for (const major of majors) {
    const node = nodeOf(major);
    for (const way of names) {
      const runs: ShutdownRun[] = [];
      let ladder: Ladder | undefined;
      for (let i = 0; i < repeats; i++) {
        if ('why' in node) throw new Error(node.why);
        const result = await restartOnce(way, { major, binary: node.binary }, packages.folder);
        runs.push(result.run);
        ladder ??= result.ladder;
        console.log(way, major, JSON.stringify(result.run));
      }
      const version = 'why' in node ? '' : node.version;
      save({ way, node: major, runs }, ladder, { ...packages, node: version });
    }
  }
}

function save(
  row: ShutdownRow,
  ladder: Ladder | undefined,
  { versions, node }: { readonly versions: Readonly<Record<string, string>>; readonly node: string },
): void {
  const old = readTable('shutdown');
  const others = (old?.rows ?? []).filter(({ way, node }) => way !== row.way || node !== row.node);
  const rows = [...others, row].sort((a, b) => a.node - b.node || order(a) - order(b));
  const table: ShutdownTable = {
    machine: thisMachine(),
    load,
    stopTimeoutMs,
    nodes: { ...old?.nodes, [row.node]: node },
    packages: versions,
    rows,
    ladders: laddersOf(rows, { ...old?.ladders, ...(ladder === undefined ? {} : { [row.way]: ladder }) }),
  };
  writeResults(kept.shutdown.results, table);
  write(kept.shutdown.page, shutdownPage(table));
}

/** One that is measured anew may have lost nothing this time. */
function laddersOf(
  rows: readonly ShutdownRow[],
  ladders: ShutdownTable['ladders'],
): ShutdownTable['ladders'] {
  const lossy = new Set(
    rows.flatMap((row) => (measuredRuns(row).some((run) => lostIn(run) > 0) ? row.way : [])),
  );
  return Object.fromEntries(Object.entries(ladders).filter(([way]) => lossy.has(way as WayName)));
}

function order({ way }: ShutdownRow): number {
  return wayNames.indexOf(way);
}
