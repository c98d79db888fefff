/** What a try on another kernel has shown, in lines, and what of it must not be. */

import { readKnownKernel } from '../../src/api/known-kernel.ts';
import { matrixOf } from '../../src/report/documents/kernel.ts';
import { matrixDiffOf } from '../../src/report/documents/matrix.ts';
import { printed, suiteOf } from './record.ts';
import type { Tried } from './try.ts';

export function describeTried(tried: Tried): string[] {
  const times = [...tried.steps].map(([name, { seconds }]) => `${name} ${Math.round(seconds)} s`);
  const scenarios = suiteOf(tried)?.scenarios ?? [];
  const counts = countBy(scenarios.map(({ outcome }) => outcome));
  const unusual = scenarios.filter(({ outcome }) => outcome !== 'passed');
  const hasRun = (name: string) => tried.steps.has(name);
  const shown = [
    ...(hasRun('matrix') ? [`${printed.matrix(tried).cells.length} cells`] : []),
    ...(hasRun('demo') ? [`demo ${printed.demo(tried).outcome}`] : []),
    `scenarios: ${counts}`,
  ];
  return [
    `Linux ${tried.release}, ${tried.kernel.origin}: ${times.join(', ')}`,
    shown.join(', '),
    ...unusual.map(
      ({ scenario, outcome, reason }) => `  ${scenario} ${outcome}${reason === null ? '' : `: ${reason}`}`,
    ),
  ];
}

/** A contradiction, and what did not end; on a quick run a contradiction, and cells that differ from the kept ones. */
export function verdictOf(tried: Tried, extent: 'quick' | 'whole'): string[] {
  const suite = suiteOf(tried);
  const late = [...tried.steps].filter(([, { status }]) => status === 124 || Number.isNaN(status));
  const wrong = (suite?.scenarios ?? [])
    .filter((one) => one.outcome === 'failed')
    .map(({ scenario, checks }) => {
      const check = checks.find(({ verdict }) => verdict === 'contradicted');
      return `${scenario} is contradicted: ${check?.title}: ${check?.observed}, instead of ${check?.expected}`;
    });
  const outcome = tried.steps.has('demo') ? printed.demo(tried).outcome : 'passed';
  const demo = outcome === 'passed' ? [] : [`demo server-first: ${outcome}`];
  return [
    ...demo,
    ...(extent === 'quick' ? [] : late.map(([name]) => `tcpclose ${name} did not end in time`)),
    ...wrong,
    ...(extent === 'quick' ? cellsThatDiffer(tried) : []),
  ];
}

function cellsThatDiffer(tried: Tried): string[] {
  const kept = readKnownKernel(tried.kernel.version);
  // Another release may differ: that is a finding.
  if (kept?.environment.kernel !== tried.release) return [];
  return matrixDiffOf(matrixOf(kept), printed.matrix(tried)).differences.map(
    ({ cell, before, now }) => `${cell}: ${before} in kernels/${tried.kernel.version}.json, ${now} now`,
  );
}

function countBy(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${count} ${value}`).join(', ');
}
