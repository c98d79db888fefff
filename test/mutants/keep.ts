import { digestOf, type KeptMutants } from '../../build/truth.ts';
import { keep } from './kept.ts';
import { reasons } from './reasons.ts';
import { isAlive, newReport, type Report } from './report.ts';

/** Keeps the results of the last run of Stryker. */
export function keepReport(part: string, before: Report | null): void {
  const files = filesOf(newReport(before), part);
  keep((before) => {
    const others = before.files.filter(({ file }) => !files.some((one) => one.file === file));
    return { ...before, files: [...others, ...files].toSorted((a, b) => a.file.localeCompare(b.file)) };
  });
}

function filesOf(report: Report, part: string): KeptMutants['files'][number][] {
  return Object.entries(report.files).map(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    const counted = mutants.filter(
      ({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status),
    );
    const alive = counted.filter(isAlive);
    return {
      file,
      part,
      digest: digestOf(source),
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
