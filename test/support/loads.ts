import { expect } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';

type Run = RestartDocument['runs'][number];
export type LoadedRun = Run & { readonly load: NonNullable<Run['load']> };

/** The first restart of a document, under its load. */
export function runOf({ runs }: RestartDocument): LoadedRun {
  const [run] = runs;
  if (run?.load == null) throw new Error(JSON.stringify(runs));
  return { ...run, load: run.load };
}

/** Restarts again if the clients missed something because the machine was too busy, up to five times in all. */
export async function observed(
  restartOnce: () => Promise<RestartDocument>,
  attempts = 5,
): Promise<LoadedRun> {
  const run = runOf(await restartOnce());
  const { verdict, reason, notes } = run.load;
  const isMissing =
    verdict === 'too little' || notes.some((note) => note.startsWith('More may have been lost'));
  if (isMissing && attempts > 1) return observed(restartOnce, attempts - 1);
  expect(verdict, reason ?? '').not.toBe('too little');
  return run;
}
