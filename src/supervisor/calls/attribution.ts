import { readProcess } from '../../observe/processes.ts';
import type { Run } from '../runs.ts';

/**
 * The number of the run that a process belongs to. Each run has its own session; a process that has left it is found by its
 * parents. One that has left both, and so went into the background, counts for the last run.
 */
export function runOfCaller(pid: number, session: number, runs: readonly Run[]): number {
  const direct = runs.find((run) => run.pid === session);
  if (direct !== undefined) return direct.number;
  for (let at = readProcess(pid); at !== undefined && at.pid > 1; at = readProcess(at.parent)) {
    const above = runs.find((run) => run.pid === at?.pid);
    if (above !== undefined) return above.number;
  }
  return runs.at(-1)?.number ?? 0;
}
