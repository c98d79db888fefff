import type { RestartDocument } from '../documents/restart.ts';
import { tapHeading, tapPoint } from '../tap.ts';
import { outputOf, titleOf, watchingOf } from './words.ts';

type Run = RestartDocument['runs'][number];

/** The Test Anything Protocol: a test point for each way to restart. */
export function restartTap({ runs }: RestartDocument): string[] {
  const points = runs.flatMap((run, i) =>
    tapPoint({
      number: i + 1,
      title: titleOf(run),
      result: run.verdict === 'survives' ? 'ok' : 'not ok',
      skipped: null,
      diagnosis: diagnosis(run),
    }),
  );
  return [...tapHeading(runs.length), ...points];
}

function diagnosis(run: Run): string[] {
  const { verdict, cause, reason, evidence, outageMs } = run;
  const facts = {
    verdict,
    cause,
    reason,
    explanation: evidence?.explanation ?? null,
    remedy: evidence?.remedy ?? null,
    calls: watchingOf(run),
    output: outputOf(run) || null,
    outage_ms: outageMs === null ? null : Math.round(outageMs),
  };
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
}
