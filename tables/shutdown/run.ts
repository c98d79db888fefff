import { kept, readTable, write, writeResults } from '../kept.ts';
import { thisMachine } from '../machine.ts';
import { install, nodeOf } from '../packages.ts';
import { enoughRuns, needsMore } from '../repeats.ts';
import { load, restartOnce, stopTimeoutMs } from './measure.ts';
import { shutdownPage } from './page.ts';
import type { Ladder, ShutdownRow, ShutdownRun, ShutdownTable } from './result.ts';
import { lostIn, measuredRuns } from './summary.ts';
import { type WayName, wayNames, ways } from './ways.ts';

export const majors = [22, 20, 24] as const;

/**
 * Measures these ways, and keeps what is known of the others. Each row is saved as soon as it is there.
 * @param which `differing`: more runs of those whose runs differ
 */
export async function measureShutdown(
  names: readonly WayName[],
  which: 'all' | 'differing' = 'all',
): Promise<void> {
  const packages = install('shutdown', [...new Set(wayNames.flatMap((name) => ways[name].packages))]);
  if ('why' in packages) throw new Error(packages.why);
  for (const major of majors) {
    const node = nodeOf(major);
    for (const way of names) {
      const before = which === 'all' ? [] : runsSoFar(way, major);
      if (which === 'differing' && !needsMore(before)) continue;
      let ladder: Ladder | undefined;
      const runs = await enoughRuns<ShutdownRun>(async () => {
        if ('why' in node) throw new Error(node.why);
        const result = await restartOnce(way, { major, binary: node.binary }, packages.folder);
        ladder ??= result.ladder;
        console.log(way, major, JSON.stringify(result.run));
        return result.run;
      }, before);
      const version = 'why' in node ? '' : node.version;
      save({ way, node: major, runs }, ladder, { ...packages, node: version });
    }
  }
}

function runsSoFar(way: WayName, node: number): readonly ShutdownRun[] {
  return readTable('shutdown')?.rows.find((row) => row.way === way && row.node === node)?.runs ?? [];
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

/** One that is measured again may have lost nothing this time. */
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
