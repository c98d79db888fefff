/** Keeps the results of the last run of Stryker. */
import { readFileSync } from 'node:fs';
import type { KeptMutants } from '../../build/truth.ts';
import { keep } from './kept.ts';
import { reasons } from './reasons.ts';

interface Report {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly ReportMutant[] }>
  >;
}

interface ReportMutant {
  readonly mutatorName: string;
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | string;
  readonly replacement?: string;
  /** Of one that is ignored: what the comment beside it says. */
  readonly statusReason?: string;
  readonly location: { readonly start: { readonly line: number } };
}

const files = filesOf(JSON.parse(readFileSync('.stryker/report.json', 'utf8')));
keep((before) => {
  const others = before.files.filter(({ file }) => !files.some((one) => one.file === file));
  return { ...before, files: [...others, ...files].toSorted((a, b) => a.file.localeCompare(b.file)) };
});

function filesOf(report: Report): KeptMutants['files'][number][] {
  return Object.entries(report.files).map(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    const counted = mutants.filter(
      ({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status),
    );
    const alive = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
    return {
      file,
      mutants: counted.length,
      caught: counted.length - alive.length,
      equivalent: mutants.flatMap(({ status, statusReason, location, mutatorName }) =>
        status === 'Ignored' ? [`${location.start.line} ${mutatorName}: ${statusReason ?? ''}`] : [],
      ),
      survivors: alive.map(({ location, mutatorName, status }) => {
        const { line } = location.start;
        const reached = status === 'NoCoverage' ? ' (not reached)' : '';
        return `${line} ${mutatorName}${reached}: ${reasonOf(file, lines[line - 1] ?? '', mutatorName)}`;
      }),
    };
  });
}

function reasonOf(file: string, line: string, mutator: string): string {
  const known = reasons.find(
    (one) => one.file === file && line.includes(one.line) && (one.mutator ?? mutator) === mutator,
  );
  return known?.reason ?? 'no reason is known';
}
